/// The steps and characters that remain for one rendering.
///
/// Every filter, method, operator, test and function is charged here before it runs. A step is an
/// evaluated node, an element of a list, or several characters: more if they are only compared or
/// copied, fewer if they are looked up in Unicode's tables. A text that is too long is refused before
/// it is made. So no template exceeds the limits on time and memory.
final class TemplateBudget {
  /// Characters of the longest text that may be made.
  let longestText: Int
  /// Characters of the longest text that may be rendered.
  let longestRendering: Int
  private let steps: Int
  private let characters: Int
  private var stepsLeft: Int
  private var charactersLeft: Int

  /// A budget for a conversation of `inputCharacters`; `share` divides the limits that do not depend
  /// on the conversation.
  init(inputCharacters: Int, share: Int = 1) {
    func limit(_ base: Int, _ perCharacter: Int) -> Int {
      // The bound keeps the product within 64 bits.
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

  /// Charges for this many steps.
  ///
  /// Throws: `ChatTemplateError` of kind `limit` if too few remain, here and below.
  func charge(_ cost: Int) throws {
    stepsLeft -= min(cost, stepsLeft + 1)
    if stepsLeft < 0 {
      throw ChatTemplateError(.limit, "expected at most \(steps) steps for one rendering")
    }
  }

  /// Charges for comparing or skipping this many characters.
  func scan(_ count: Int) throws { try charge(count >> 4) }

  /// Charges for looking this many characters up in tables or spelling them differently.
  func transform(_ count: Int) throws { try charge(count >> 2) }

  /// Charges for a text of this many characters, before it is made.
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

  /// Charges for a list of this many elements, before it is made.
  func makeElements(_ count: Int) throws {
    guard count <= TemplateLimits.elements else {
      throw ChatTemplateError(
        .limit, "expected at most \(TemplateLimits.elements) elements, found \(count)")
    }
    try charge(count)
  }
}
