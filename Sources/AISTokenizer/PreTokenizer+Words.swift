extension PreTokenizer {
  /// The names of families that `tokenizer.ggml.pre` may hold.
  package static var familyNames: [String] { PreTokenizerFamily.all.flatMap(\.names) }

  /// The words into which the family called `name` splits `text`; `nil` if there is no such family.
  ///
  /// Throws: `PatternParser.Failure`, `TokenizerError`.
  package static func words(
    of text: String, family name: String, stepsPerByte: Int? = nil
  ) throws -> [String]? {
    try PreTokenizerFamily.named(name)?.preTokenizer().words(of: text, stepsPerByte)
  }

  /// The matches of `pattern` in `text` and the pieces between them, in order.
  ///
  /// Throws: `PatternParser.Failure`, `TokenizerError`.
  package static func words(of text: String, pattern: String) throws -> [String] {
    try PreTokenizer([(.split(SplitPattern(pattern.utf8), .isolated, inverted: false), "pattern")])
      .words(of: text)
  }

  private func words(of text: String, _ stepsPerByte: Int? = nil) throws -> [String] {
    var words: [String] = []
    let bytes = Array(text.utf8)
    let budget = EncodingBudget(
      byteCount: bytes.count, source: VocabularySource(file: ""),
      steps: stepsPerByte.map { 100 + $0 * bytes.count })
    try bytes.withUnsafeBufferPointer {
      try forEachWord(in: $0, isStart: true, budget) {
        words.append(String(decoding: $0, as: UTF8.self))
      }
    }
    return words
  }
}
