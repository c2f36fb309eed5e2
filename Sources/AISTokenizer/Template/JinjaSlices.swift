/// Python's slices, `value[from:to:by]`.
extension JinjaInterpreter {
  /// The indices that a slice of `count` elements takes, in its order.
  private struct Places {
    let start: Int
    let stride: Int
    let count: Int

    func map<Element>(_ element: (Int) -> Element) -> [Element] {
      (0..<count).map { element(start + $0 * stride) }
    }
  }

  func slice(
    _ expression: JinjaExpression, _ lower: JinjaExpression?, _ upper: JinjaExpression?,
    _ step: JinjaExpression?, in scope: JinjaScope
  ) throws -> JinjaValue {
    let value = try evaluate(expression, in: scope)
    let lower = try bound(lower, in: scope)
    let upper = try bound(upper, in: scope)
    let step = try bound(step, in: scope) ?? 1
    func places(_ count: Int) throws -> Places {
      try JinjaInterpreter.places(of: count, from: lower, to: upper, by: step)
    }
    switch value {
    case .string(let text):
      let places = try places(text.count)
      try budget.make(places.count)
      try budget.scan(places.count)
      return .string(places.map { text[$0] })
    case .list(let list), .tuple(let list):
      let places = try places(list.items.count)
      try budget.makeElements(places.count)
      let part = try JinjaList(places.map { list.items[$0] })
      if case .tuple = value { return .tuple(part) }
      return .list(part)
    case .undefined(let what):
      throw ChatTemplateError(.undefined, what)
    default:
      throw ChatTemplateError(.value, "a value of type \(value.typeName) cannot be sliced")
    }
  }

  private func bound(_ expression: JinjaExpression?, in scope: JinjaScope) throws -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression, in: scope)
    if case .none = value { return nil }
    guard let index = value.index else {
      throw ChatTemplateError(
        .value, "expected whole numbers in a slice, found \(value.typeName)")
    }
    return index
  }

  private static func places(
    of count: Int, from lower: Int?, to upper: Int?, by step: Int
  ) throws -> Places {
    if step == 0 { throw ChatTemplateError(.value, "expected a slice step other than zero") }
    let first = step > 0 ? 0 : -1
    let last = step > 0 ? count : count - 1
    func clamped(_ bound: Int) -> Int {
      let place = bound < 0 ? max(bound, -count - 1) + count : bound
      return min(max(place, first), last)
    }
    let start = lower.map(clamped) ?? (step > 0 ? first : last)
    let end = upper.map(clamped) ?? (step > 0 ? last : first)
    // All steps beyond the count have the same effect; clamping avoids overflow.
    let stride = min(max(step, -count - 1), count + 1)
    let distance = stride > 0 ? end - start : start - end
    let size = stride.magnitude
    let taken = distance > 0 ? (distance - 1) / Int(size) + 1 : 0
    return Places(start: start, stride: stride, count: taken)
  }
}
