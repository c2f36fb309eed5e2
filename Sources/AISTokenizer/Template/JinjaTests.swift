/// The tests, which may follow `is`.
extension JinjaInterpreter {
  func applyTest(
    _ name: JinjaName, to value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> Bool {
    if let holds = try comparisonTest(name, value, arguments) { return holds }
    guard arguments.positional.isEmpty, arguments.named.isEmpty else {
      throw ChatTemplateError(.value, "the test '\(name)' takes no arguments")
    }
    return try plainTest(name, value)
  }

  private func comparisonTest(
    _ name: JinjaName, _ value: JinjaValue, _ arguments: JinjaCallArguments
  ) throws -> Bool? {
    let comparison: JinjaComparison
    switch name {
    case "eq", "equalto", "==": comparison = .equal
    case "ne", "!=": comparison = .notEqual
    case "lt", "lessthan", "<": comparison = .less
    case "le", "<=": comparison = .lessOrEqual
    case "gt", "greaterthan", ">": comparison = .greater
    case "ge", ">=": comparison = .greaterOrEqual
    case "in": comparison = .isIn
    case "sameas": comparison = .equal
    case "divisibleby": comparison = .equal
    default: return nil
    }
    guard arguments.positional.count == 1, arguments.named.isEmpty else {
      throw ChatTemplateError(.value, "the test '\(name)' takes one argument")
    }
    let other = arguments.positional[0]
    if name == "sameas" { return try isSame(value, other) }
    if name == "divisibleby" {
      let rest = try JinjaOperators.apply(value, .remainder, other, budget)
      return try JinjaOperators.isEqual(rest, .integer(0), budget)
    }
    return try JinjaOperators.compare(value, comparison, other, budget)
  }

  /// Identity, for values of which Python has only one object.
  private func isSame(_ left: JinjaValue, _ right: JinjaValue) throws -> Bool {
    switch (left, right) {
    case (.none, .none): true
    case (.bool(let left), .bool(let right)): left == right
    case (.none, _), (.bool, _), (_, .none), (_, .bool): false
    default:
      throw ChatTemplateError(
        .unsupported, "'sameas' other than for none, true and false is not implemented")
    }
  }

  private func plainTest(_ name: JinjaName, _ value: JinjaValue) throws -> Bool {
    switch (name, value) {
    case ("defined", .undefined): return false
    case ("defined", _): return true
    case ("undefined", .undefined): return true
    case ("undefined", _): return false
    case ("none", .none), ("escaped", .markup): return true
    case ("boolean", .bool), ("integer", .integer), ("float", .float): return true
    case ("true", .bool(let value)): return value
    case ("false", .bool(let value)): return !value
    case ("number", .bool), ("number", .integer), ("number", .float): return true
    case ("string", .string), ("string", .markup), ("mapping", .dict): return true
    case ("callable", .function), ("callable", .loop), ("callable", .undefined): return true
    case ("none", _), ("boolean", _), ("integer", _), ("float", _), ("true", _), ("false", _),
      ("number", _), ("string", _), ("mapping", _), ("callable", _), ("escaped", _):
      return false
    case ("sequence", _): return isSequence(value)
    case ("iterable", _): return isIterable(value)
    case ("odd", _): return try remainderOfTwo(value) == 1
    case ("even", _): return try remainderOfTwo(value) == 0
    case ("lower", _), ("upper", _):
      let text = try JinjaText.string(value, budget)
      try budget.transform(2 * text.count)
      return PythonText.isCased(text, upper: name == "upper")
    default:
      throw ChatTemplateError(
        .unsupported, "the test '\(name)' is outside the part of Jinja that is implemented")
    }
  }

  private func isSequence(_ value: JinjaValue) -> Bool {
    switch value {
    case .undefined, .string, .markup, .list, .tuple, .dict: true
    case .view(let view): view.kind == .range
    default: false
    }
  }

  private func isIterable(_ value: JinjaValue) -> Bool {
    switch value {
    case .undefined, .string, .markup, .list, .tuple, .dict, .view, .iterator, .loop: true
    case .none, .bool, .integer, .float, .namespace, .function: false
    }
  }

  private func remainderOfTwo(_ value: JinjaValue) throws -> Double {
    if case .string = value {
      throw ChatTemplateError(.value, "expected a number, found a value of type str")
    }
    let rest = try JinjaOperators.apply(value, .remainder, .integer(2), budget)
    return JinjaOperators.double(rest) ?? 0
  }
}
