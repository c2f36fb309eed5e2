/// Python's operators on values; each charges the budget for what it reads and makes.
enum JinjaOperators {
  // MARK: Iteration

  /// The elements that a loop over `value` visits.
  static func elements(
    of value: JinjaValue, _ budget: TemplateBudget
  ) throws -> [JinjaValue] {
    switch value {
    case .undefined: return []
    case .string(let text):
      try budget.makeElements(text.count)
      return text.map { .string([$0]) }
    case .list(let list), .tuple(let list): return list.items
    case .dict(let dict): return dict.keys
    case .view(let view): return view.list.items
    case .iterator(let iterator): return iterator.take()
    case .none, .bool, .integer, .float, .markup, .namespace, .loop, .function:
      throw ChatTemplateError(
        .value, "expected something to loop over, found a value of type \(value.typeName)")
    }
  }

  static func length(of value: JinjaValue) throws -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text): return text.count
    case .list(let list), .tuple(let list): return list.items.count
    case .dict(let dict): return dict.keys.count
    case .view(let view): return view.list.items.count
    case .loop(let loop): return loop.items.count
    case .none, .bool, .integer, .float, .markup, .iterator, .namespace, .function:
      throw ChatTemplateError(
        .value, "expected something with a length, found a value of type \(value.typeName)")
    }
  }

  // MARK: Arithmetic

  static func double(_ value: JinjaValue) -> Double? {
    if case .float(let value) = value { return value }
    return value.index.map { Double($0) }
  }

  static func apply(
    _ left: JinjaValue, _ operation: JinjaArithmetic, _ right: JinjaValue,
    _ budget: TemplateBudget
  ) throws -> JinjaValue {
    switch (left, operation, right) {
    case (.string(let left), .add, .string(let right)):
      try budget.make(left.count + right.count)
      return .string(left + right)
    case (.markup, .add, .string), (.string, .add, .markup), (.markup, .add, .markup):
      let left = try escaped(left, budget)
      let right = try escaped(right, budget)
      try budget.make(left.count + right.count)
      return .markup(left + right)
    case (.list(let left), .add, .list(let right)):
      return .list(try joined(left, right, budget))
    case (.tuple(let left), .add, .tuple(let right)):
      return .tuple(try joined(left, right, budget))
    case (.string(let format), .remainder, _):
      return .string(try PythonFormat.percent(format, with: right, budget))
    case (_, .multiply, _):
      if let count = right.index, let value = try repeated(left, count, budget) { return value }
      if let count = left.index, let value = try repeated(right, count, budget) { return value }
    default: break
    }
    if let whole = left.index, let other = right.index {
      return try integer(whole, operation, other)
    }
    guard let whole = double(left), let other = double(right) else {
      throw mismatch(operation.rawValue, left, right)
    }
    return .float(try PythonNumber.apply(whole, operation, other))
  }

  private static func joined(
    _ left: JinjaList, _ right: JinjaList, _ budget: TemplateBudget
  ) throws -> JinjaList {
    try budget.makeElements(left.items.count + right.items.count)
    return try JinjaList(left.items + right.items)
  }

  /// The text to be added to markup; HTML is escaped unless `safe` has marked the text.
  private static func escaped(
    _ value: JinjaValue, _ budget: TemplateBudget
  ) throws -> Scalars {
    switch value {
    case .markup(let text): return text
    case .string(let text):
      try budget.transform(text.count)
      var output = JinjaOutput(budget)
      for scalar in text {
        switch scalar {
        case "&": try output.append("&amp;")
        case "<": try output.append("&lt;")
        case ">": try output.append("&gt;")
        case "\"": try output.append("&#34;")
        case "'": try output.append("&#39;")
        default: try output.append(scalar)
        }
      }
      return output.text
    default: return []
    }
  }

  static func negate(_ value: JinjaValue) throws -> JinjaValue {
    if let whole = value.index {
      return .integer(try PythonNumber.exact(0.subtractingReportingOverflow(whole)))
    }
    guard let number = double(value) else { throw mismatch("-", value, nil) }
    return .float(-number)
  }

  static func positive(_ value: JinjaValue) throws -> JinjaValue {
    if let whole = value.index { return .integer(whole) }
    guard let number = double(value) else { throw mismatch("+", value, nil) }
    return .float(number)
  }

  private static func integer(
    _ left: Int, _ operation: JinjaArithmetic, _ right: Int
  ) throws -> JinjaValue {
    switch operation {
    case .add: return .integer(try PythonNumber.exact(left.addingReportingOverflow(right)))
    case .subtract:
      return .integer(try PythonNumber.exact(left.subtractingReportingOverflow(right)))
    case .multiply:
      return .integer(try PythonNumber.exact(left.multipliedReportingOverflow(by: right)))
    case .floorDivide: return .integer(try PythonNumber.floorDivide(left, right))
    case .remainder: return .integer(try PythonNumber.remainder(left, right))
    case .power where right >= 0: return .integer(try PythonNumber.power(left, right))
    case .divide, .power:
      return .float(try PythonNumber.apply(Double(left), operation, Double(right)))
    }
  }

  private static func repeated(
    _ value: JinjaValue, _ count: Int, _ budget: TemplateBudget
  ) throws -> JinjaValue? {
    let count = max(0, count)
    func size(_ length: Int) throws -> Int {
      try PythonNumber.exact(length.multipliedReportingOverflow(by: count))
    }
    switch value {
    case .string(let text):
      try budget.make(try size(text.count))
      return .string(Scalars(repeatElement(text, count: text.isEmpty ? 0 : count).joined()))
    case .list(let list), .tuple(let list):
      try budget.makeElements(try size(list.items.count))
      let times = list.items.isEmpty ? 0 : count
      let result = try JinjaList(Array(repeatElement(list.items, count: times).joined()))
      if case .tuple = value { return .tuple(result) }
      return .list(result)
    default: return nil
    }
  }

  static func mismatch(
    _ sign: String, _ left: JinjaValue, _ right: JinjaValue?
  ) -> ChatTemplateError {
    for case .undefined(let what) in [left, right ?? .none] {
      return ChatTemplateError(.undefined, what)
    }
    for case .markup in [left, right ?? .none] {
      return ChatTemplateError(
        .unsupported, "'\(sign)' after 'safe' is outside the part of Jinja that is implemented")
    }
    let types = right.map { "\(left.typeName) and \($0.typeName)" } ?? left.typeName
    return ChatTemplateError(.value, "'\(sign)' does not apply to \(types)")
  }
}
