/// What one rendering may still do: steps, and characters made.
///
/// Every filter, method, operator, test and function pays here before it works, by what its work
/// costs: a step is an evaluated node, an element of a list, or some characters (more of those that
/// are only compared or copied than of those that are looked up in Unicode's tables). A text is
/// refused before it is made. So no template takes longer or more memory than the limits say,
/// whatever its steps are made of.
final class TemplateBudget {
  /// Characters of the longest text that may be made.
  let longestText: Int
  /// Characters of the longest text that may be rendered.
  let longestRendering: Int
  private let steps: Int
  private let characters: Int
  private var stepsLeft: Int
  private var charactersLeft: Int

  /// A budget for a conversation of so many characters; `share` divides what is had without one.
  init(inputCharacters: Int, share: Int = 1) {
    func limit(_ base: Int, _ perCharacter: Int) -> Int {
      // A conversation fits in memory, so the product fits 64 bits; the bound keeps that certain.
      base / share + perCharacter * min(max(inputCharacters, 0), 1 << 40)
    }
    longestText = limit(TemplateLimits.text, TemplateLimits.textPerCharacter)
    longestRendering = limit(
      TemplateLimits.rendering, TemplateLimits.renderingPerCharacter)
    steps = limit(TemplateLimits.steps, TemplateLimits.stepsPerCharacter)
    characters = limit(TemplateLimits.characters, TemplateLimits.charactersPerCharacter)
    stepsLeft = steps
    charactersLeft = characters
  }

  /// Pays for so many steps.
  ///
  /// Throws: `ChatTemplateError` of kind `limit` where they are not left, here and below.
  func charge(_ cost: Int) throws {
    stepsLeft -= min(cost, stepsLeft + 1)
    if stepsLeft < 0 {
      throw ChatTemplateError(.limit, "expected at most \(steps) steps for one rendering")
    }
  }

  /// Pays for comparing or passing over so many characters.
  func scan(_ count: Int) throws { try charge(count >> 4) }

  /// Pays for looking so many characters up in tables or spelling them otherwise.
  func transform(_ count: Int) throws { try charge(count >> 2) }

  /// Pays for a text of so many characters before it is made.
  func make(_ count: Int) throws {
    guard count <= longestText else {
      throw ChatTemplateError(
        .limit, "expected at most \(longestText) characters of text, found \(count)")
    }
    charactersLeft -= count
    if charactersLeft < 0 {
      throw ChatTemplateError(
        .limit, "expected at most \(characters) characters made by one rendering")
    }
    try charge(count >> 6)
  }

  /// Pays for a list of so many elements before it is made.
  func makeElements(_ count: Int) throws {
    guard count <= TemplateLimits.elements else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.elements) elements, found \(count)")
    }
    try charge(count)
  }
}
