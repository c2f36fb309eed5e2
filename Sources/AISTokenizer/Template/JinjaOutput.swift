/// A text that grows piece by piece; each piece is charged to the budget before it is added.
struct JinjaOutput {
  private(set) var text = Scalars()
  let budget: TemplateBudget
  private let limit: Int

  /// An empty text of at most `limit` characters; if `nil`, the limit of any text.
  init(_ budget: TemplateBudget, limit: Int? = nil) {
    self.budget = budget
    self.limit = min(limit ?? budget.longestText, budget.longestText)
  }

  /// Adds `more` at the end.
  mutating func append(_ more: Scalars) throws {
    try room(for: more.count)
    text += more
  }

  /// Adds the characters of a short text.
  mutating func append(_ more: String) throws { try append(Scalars(more)) }

  /// Adds one character; the caller has been charged for reading it.
  mutating func append(_ scalar: Unicode.Scalar) throws {
    if text.count >= limit { try room(for: 1) }
    text.append(scalar)
  }

  private func room(for count: Int) throws {
    try budget.charge(1)
    guard text.count + count <= limit else {
      throw ChatTemplateError(
        .limit, "expected at most \(limit) characters of text, found \(text.count + count)")
    }
    try budget.make(count)
  }
}
