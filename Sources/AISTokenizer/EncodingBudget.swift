/// What encoding one text may cost: steps, and the length that its rewritten forms may reach.
///
/// Patterns, normalizers and added tokens come with a downloaded model. A pattern can take time that
/// doubles with each character, and replacements can double a text again and again; the tokenizers
/// of published models stay far below these limits, on any text.
final class EncodingBudget {
  /// Steps that any text may take: one is an attempt of a pattern at a place, a character that a
  /// pattern takes or gives back, or a byte that a normalizer writes.
  static let steps = 1 << 22
  /// Further steps for each byte of the text.
  static let stepsPerByte = 128
  /// A rewritten text has at most this many bytes for each of the text, and `growthBase` more.
  static let growth = 16
  /// See `growth`; what is put before a text makes short ones longer by much.
  static let growthBase = 1 << 16
  /// However long the text, its rewritten forms are at most three times as long and this much
  /// more: a space can become three bytes.
  static let growthLimit = 1 << 24
  /// Bytes that a word may have, even one that rewriting makes longer than the text.
  ///
  /// Merging keeps 40 bytes for each.
  static let wordBase = 1 << 20
  /// Bytes that no word has, however long the text.
  static let longestWord = 1 << 24
  /// Bytes of the longest text that can be encoded: positions in it have 32 bits, grown or not.
  static let longestInput = 1 << 26

  /// Bytes that the text may have after any of the steps that rewrite it.
  let longestText: Int
  /// Bytes that a word may have that is merged as one.
  let longestWord: Int
  /// Steps that are left; users that count for themselves write them back.
  var stepsLeft: Int
  /// What is at work, as a place in the tokenizer's file.
  var place = ""
  private let source: VocabularySource
  private let byteCount: Int
  private let steps: Int

  /// A budget for a text of so many bytes; `steps`, if given, takes the place of the usual ones.
  init(byteCount: Int, source: VocabularySource, steps: Int? = nil) {
    self.byteCount = byteCount
    self.source = source
    self.steps = steps ?? Self.steps + Self.stepsPerByte * byteCount
    longestText = min(
      Self.growth * byteCount + Self.growthBase, 3 * byteCount + Self.growthLimit)
    longestWord = min(max(3 * byteCount, Self.wordBase), Self.longestWord)
    stepsLeft = self.steps
  }

  /// Pays for so many steps.
  func spend(_ steps: Int) throws(TokenizerError) {
    stepsLeft -= steps
    if stepsLeft < 0 { throw exhausted }
  }

  /// Checks the length that a text is about to have.
  func allow(length: Int) throws(TokenizerError) {
    guard length <= longestText else {
      throw source.error(
        place,
        expected: "at most \(longestText) bytes for a text of \(byteCount)", found: "more")
    }
  }

  /// Checks the length of a word that is about to be merged, and pays for it.
  func allow(word length: Int) throws(TokenizerError) {
    guard length <= longestWord else {
      throw source.error(
        place,
        expected: "words of at most \(longestWord) bytes in a text of \(byteCount)",
        found: "\(length)")
    }
    try spend(length)
  }

  /// Refuses a text that is too long for any model.
  func allowInput() throws(TokenizerError) {
    guard byteCount <= Self.longestInput else {
      throw source.error(
        "", expected: "a text of at most \(Self.longestInput) bytes", found: "\(byteCount)")
    }
  }

  /// The error of a text for which there are no steps left.
  var exhausted: TokenizerError {
    source.error(
      place,
      expected: "at most \(steps) steps for a text of \(byteCount) bytes", found: "more")
  }
}
