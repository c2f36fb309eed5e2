/// Python's comparisons of values; each charges the budget for the elements that it reads.
extension JinjaOperators {
  static func isEqual(
    _ left: JinjaValue, _ right: JinjaValue, _ budget: TemplateBudget
  ) throws -> Bool {
    try budget.charge(1)
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let left), .string(let right)), (.string(let left), .markup(let right)),
      (.markup(let left), .string(let right)), (.markup(let left), .markup(let right)):
      guard left.count == right.count else { return false }
      try budget.scan(left.count)
      return left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      return try isEqual(left.items, right.items, budget)
    case (.dict(let left), .dict(let right)): return try isEqual(left, right, budget)
    case (.view(let left), .view(let right)):
      if left === right { return true }
      return try left.kind == right.kind && isEqual(left.list.items, right.list.items, budget)
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.iterator(let left), .iterator(let right)): return left === right
    case (.loop(let left), .loop(let right)): return left === right
    default: return isEqualNumber(left, right)
    }
  }

  private static func isEqualNumber(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    if let left = left.index, let right = right.index { return left == right }
    guard let left = double(left), let right = double(right) else { return false }
    return left == right
  }

  private static func isEqual(
    _ left: [JinjaValue], _ right: [JinjaValue], _ budget: TemplateBudget
  ) throws -> Bool {
    guard left.count == right.count else { return false }
    for (left, right) in zip(left, right) where try !isEqual(left, right, budget) { return false }
    return true
  }

  private static func isEqual(
    _ left: JinjaDict, _ right: JinjaDict, _ budget: TemplateBudget
  ) throws -> Bool {
    guard left.keys.count == right.keys.count else { return false }
    for (key, value) in zip(left.keys, left.values) {
      // A key of one dict is always a valid key for another.
      guard let other = try right.value(for: key, budget),
        try isEqual(value, other, budget)
      else { return false }
    }
    return true
  }

  /// `left < right`; an error for types that have no order.
  static func isLess(
    _ left: JinjaValue, _ right: JinjaValue, _ budget: TemplateBudget
  ) throws -> Bool {
    try budget.charge(1)
    switch (left, right) {
    case (.string(let left), .string(let right)):
      try budget.scan(min(left.count, right.count))
      return left.lexicographicallyPrecedes(right)
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.items, right.items)
      where try !isEqual(left, right, budget) {
        return try isLess(left, right, budget)
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
    _ left: JinjaValue, _ comparison: JinjaComparison, _ right: JinjaValue,
    _ budget: TemplateBudget
  ) throws -> Bool {
    switch comparison {
    case .equal: try isEqual(left, right, budget)
    case .notEqual: try !isEqual(left, right, budget)
    case .less: try isLess(left, right, budget)
    case .greater: try isLess(right, left, budget)
    case .lessOrEqual: try isLess(left, right, budget) || isEqual(left, right, budget)
    case .greaterOrEqual: try isLess(right, left, budget) || isEqual(left, right, budget)
    case .isIn: try contains(left, in: right, budget)
    case .isNotIn: try !contains(left, in: right, budget)
    }
  }

  static func contains(
    _ element: JinjaValue, in container: JinjaValue, _ budget: TemplateBudget
  ) throws -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let pattern) = element else {
        if case .undefined(let what) = element { throw ChatTemplateError(.undefined, what) }
        throw ChatTemplateError(
          .value, "expected a string on the left of 'in' and a string, found \(element.typeName)")
      }
      try budget.transform(text.count + pattern.count)
      return PythonText.contains(pattern, in: text)
    case .dict(let dict):
      if case .undefined = element { return false }
      return try dict.value(for: element, budget) != nil
    default:
      for item in try elements(of: container, budget)
      where try isEqual(element, item, budget) {
        return true
      }
      return false
    }
  }
}
