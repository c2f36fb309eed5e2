/// Python's operators on values.
///
/// Callers have charged for the weight of the operands.
enum JinjaOperators {
  // MARK: Comparison

  static func isEqual(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): true
    case (.string(let left), .string(let right)), (.string(let left), .markup(let right)),
      (.markup(let left), .string(let right)), (.markup(let left), .markup(let right)):
      left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      isEqual(left.items, right.items)
    case (.dict(let left), .dict(let right)): isEqual(left, right)
    case (.view(let left), .view(let right)):
      left === right || (left.kind == right.kind && isEqual(left.list.items, right.list.items))
    case (.namespace(let left), .namespace(let right)): left === right
    case (.iterator(let left), .iterator(let right)): left === right
    case (.loop(let left), .loop(let right)): left === right
    default: isEqualNumber(left, right)
    }
  }

  private static func isEqualNumber(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    if let left = left.index, let right = right.index { return left == right }
    guard let left = double(left), let right = double(right) else { return false }
    return left == right
  }

  private static func isEqual(_ left: [JinjaValue], _ right: [JinjaValue]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { isEqual($0, $1) }
  }

  private static func isEqual(_ left: JinjaDict, _ right: JinjaDict) -> Bool {
    left.keys.count == right.keys.count
      && left.keys.indices.allSatisfy { place in
        // A key of one dict is always allowed in another.
        guard let other = try? right.value(for: left.keys[place]) else { return false }
        return isEqual(left.values[place], other)
      }
  }

  /// `left < right`; an error for types without an order between them.
  static func isLess(_ left: JinjaValue, _ right: JinjaValue) throws -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)):
      return left.lexicographicallyPrecedes(right)
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.items, right.items) where !isEqual(left, right) {
        return try isLess(left, right)
      }
      return left.items.count < right.items.count
    default:
      if let left = left.index, let right = right.index { return left < right }
      guard let left = double(left), let right = double(right) else {
        throw mismatch("<", left, right)
      }
      return left < right
    }
  }

  static func compare(
    _ left: JinjaValue, _ comparison: JinjaComparison, _ right: JinjaValue
  ) throws -> Bool {
    switch comparison {
    case .equal: return isEqual(left, right)
    case .notEqual: return !isEqual(left, right)
    case .less: return try isLess(left, right)
    case .greater: return try isLess(right, left)
    case .lessOrEqual: return try isLess(left, right) || isOrderedEqual(left, right)
    case .greaterOrEqual: return try isLess(right, left) || isOrderedEqual(left, right)
    case .isIn: return try contains(left, in: right)
    case .isNotIn: return try !contains(left, in: right)
    }
  }

  private static func isOrderedEqual(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    isEqual(left, right)
  }

  static func contains(_ element: JinjaValue, in container: JinjaValue) throws -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let pattern) = element else {
        if case .undefined(let what) = element { throw ChatTemplateError(.undefined, what) }
        throw ChatTemplateError(
          .value, "expected a string on the left of 'in' and a string, found \(element.typeName)")
      }
      return PythonText.contains(pattern, in: text)
    case .dict(let dict):
      if case .undefined = element { return false }
      return try dict.value(for: element) != nil
    default:
      return try elements(of: container).contains { isEqual(element, $0) }
    }
  }

  // MARK: Iteration

  /// The elements that a loop over `value` visits.
  static func elements(of value: JinjaValue) throws -> [JinjaValue] {
    switch value {
    case .undefined: return []
    case .string(let text): return text.map { .string([$0]) }
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
    _ left: JinjaValue, _ operation: JinjaArithmetic, _ right: JinjaValue
  ) throws -> JinjaValue {
    switch (left, operation, right) {
    case (.string(let left), .add, .string(let right)):
      return .string(try checked(left.count + right.count) { left + right })
    case (.markup, .add, .string), (.string, .add, .markup), (.markup, .add, .markup):
      let left = escaped(left)
      let right = escaped(right)
      return .markup(try checked(left.count + right.count) { left + right })
    case (.list(let left), .add, .list(let right)):
      return .list(try JinjaList(left.items + right.items))
    case (.tuple(let left), .add, .tuple(let right)):
      return .tuple(try JinjaList(left.items + right.items))
    case (.string(let format), .remainder, _):
      return .string(try PythonFormat.percent(format, with: right))
    case (_, .multiply, _):
      if let count = right.index, let value = try repeated(left, count) { return value }
      if let count = left.index, let value = try repeated(right, count) { return value }
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

  /// Text for adding to markup: what `safe` did not mark has its HTML escaped.
  private static func escaped(_ value: JinjaValue) -> Scalars {
    switch value {
    case .markup(let text): return text
    case .string(let text):
      return text.flatMap { scalar -> Scalars in
        switch scalar {
        case "&": Scalars("&amp;")
        case "<": Scalars("&lt;")
        case ">": Scalars("&gt;")
        case "\"": Scalars("&#34;")
        case "'": Scalars("&#39;")
        default: [scalar]
        }
      }
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

  private static func repeated(_ value: JinjaValue, _ count: Int) throws -> JinjaValue? {
    let count = max(0, count)
    func size(_ length: Int) throws -> Int {
      try PythonNumber.exact(length.multipliedReportingOverflow(by: count))
    }
    switch value {
    case .string(let text):
      return .string(
        try checked(try size(text.count)) {
          Scalars(repeatElement(text, count: text.isEmpty ? 0 : count).joined())
        })
    case .list(let list): return .list(try repeated(list, count, size: try size(list.items.count)))
    case .tuple(let list):
      return .tuple(try repeated(list, count, size: try size(list.items.count)))
    default: return nil
    }
  }

  private static func repeated(_ list: JinjaList, _ count: Int, size: Int) throws -> JinjaList {
    guard size <= TemplateLimits.elements else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.elements) elements, found \(size)")
    }
    let times = list.items.isEmpty ? 0 : count
    return try JinjaList(Array(repeatElement(list.items, count: times).joined()))
  }

  /// Makes a text of `count` characters, or an error before the memory is taken.
  static func checked(_ count: Int, _ make: () -> Scalars) throws -> Scalars {
    guard count <= TemplateLimits.text else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.text) characters of text, found \(count)")
    }
    return make()
  }

  private static func mismatch(
    _ sign: String, _ left: JinjaValue, _ right: JinjaValue?
  ) -> ChatTemplateError {
    for case .undefined(let what) in [left, right ?? .none] {
      return ChatTemplateError(.undefined, what)
    }
    for case .markup in [left, right ?? .none] {
      return ChatTemplateError(
        .unsupported, "'\(sign)' behind 'safe' is outside the part of Jinja that is implemented")
    }
    let types = right.map { "\(left.typeName) and \($0.typeName)" } ?? left.typeName
    return ChatTemplateError(.value, "'\(sign)' does not apply to \(types)")
  }
}
