/// The elements of a list or tuple, with the measures that limits need.
final class JinjaList {
  let items: [JinjaValue]
  let weight: Int
  let nesting: Int
  let holdsReference: Bool

  init(_ items: [JinjaValue]) throws {
    guard items.count <= TemplateLimits.elements else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.elements) elements, found \(items.count)")
    }
    self.items = items
    weight = try JinjaList.weight(of: items)
    nesting = 1 + (items.lazy.map(\.nesting).max() ?? 0)
    holdsReference = items.contains { $0.holdsReference }
    guard nesting <= TemplateLimits.valueNesting else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.valueNesting) lists inside lists")
    }
  }

  private static func weight(of items: [JinjaValue]) throws -> Int {
    // Each weight is below the limit, so the sum of a million weights cannot overflow.
    let weight = items.reduce(1) { $0 + $1.weight }
    guard weight <= TemplateLimits.steps else {
      throw ChatTemplateError(.limit, "expected at most \(TemplateLimits.steps) nested elements")
    }
    return weight
  }
}
