/// The limits for encoding one text: steps, and the length of its rewritten forms.
///
/// Patterns, normalizers and added tokens come with a downloaded model and are not trusted. The time
/// of a pattern can double with each character, and replacements can double a text again and again.
/// The tokenizers of published models stay far below these limits, on any text.
final class EncodingBudget {
  /// Steps that any text may take.
  ///
  /// A step is an attempt to match a pattern at a place, a character that a pattern consumes or gives
  /// back, or a byte that a normalizer writes.
  static let steps = 1 << 22
  /// Further steps for each byte of the text.
  static let stepsPerByte = 128
  /// A rewritten text has at most this many bytes for each byte of the text, plus `growthBase`.
  static let growth = 16
  /// See `growth`; needed because a prefix can make a short text many times as long.
  static let growthBase = 1 << 16
  /// A rewritten text has at most three times the bytes of the text, plus this: a space can become
  /// three bytes.
  static let growthLimit = 1 << 24
  /// Bytes that a word may always have, even if rewriting makes it longer than the text.
  ///
  /// Merging takes 40 bytes of memory for each.
  static let wordBase = 1 << 20
  /// The most bytes that a word may have, however long the text.
  static let longestWord = 1 << 24
  /// Bytes of the longest text that can be encoded.
  ///
  /// Positions in it and in its rewritten forms must fit 32 bits.
  static let longestInput = 1 << 26

  /// The most bytes that the text may have after any step that rewrites it.
  let longestText: Int
  /// The most bytes that a word may have.
  let longestWord: Int
  /// Steps that remain; a user that counts its own steps writes the rest back.
  var stepsLeft: Int
  /// The step that is running, as a place in the tokenizer's file.
  var place = ""
  private let source: VocabularySource
  private let byteCount: Int
  private let steps: Int

  /// A budget for a text of `byteCount` bytes; `steps`, if given, replaces the default.
  init(byteCount: Int, source: VocabularySource, steps: Int? = nil) {
    self.byteCount = byteCount
    self.source = source
    self.steps = steps ?? Self.steps + Self.stepsPerByte * byteCount
    longestText = min(
      Self.growth * byteCount + Self.growthBase, 3 * byteCount + Self.growthLimit)
    longestWord = min(max(3 * byteCount, Self.wordBase), Self.longestWord)
    stepsLeft = self.steps
  }

  /// Spends `steps`.
  ///
  /// Throws: `TokenizerError` if fewer remain.
  func spend(_ steps: Int) throws(TokenizerError) {
    stepsLeft -= steps
    if stepsLeft < 0 { throw exhausted }
  }

  /// Checks the length, in bytes, that a text is about to have.
  func allow(length: Int) throws(TokenizerError) {
    guard length <= longestText else {
      throw source.error(
        place,
        expected: "at most \(longestText) bytes for a text of \(byteCount)", found: "more")
    }
  }

  /// Checks the length, in bytes, of a word that is about to be merged, and spends the steps for it.
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

  /// The error of a text that has no steps left.
  var exhausted: TokenizerError {
    source.error(
      place,
      expected: "at most \(steps) steps for a text of \(byteCount) bytes", found: "more")
  }
}
