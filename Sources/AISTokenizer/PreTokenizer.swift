/// Splits a model's text into words; no token crosses the boundary of a word.
///
/// A list of stages. Each one splits the pieces of the stage before, or rewrites them.
package struct PreTokenizer: Sendable {
  /// How the matches of a pattern become pieces.
  enum Behavior: String, Sendable {
    /// Each match is a piece.
    case isolated = "Isolated"
    /// Matches are dropped.
    case removed = "Removed"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    /// Adjacent matches are one piece.
    case contiguous = "Contiguous"
  }

  /// When the replacement for a space is put before a piece.
  enum Prepending: String, Sendable {
    case always
    /// Only at the very start of the text.
    case first
    case never
  }

  enum Stage: Sendable {
    case split(SplitPattern, Behavior, inverted: Bool)
    /// Each piece begins with a space.
    case leadingSpace
    /// Spaces are replaced with `replacement`; with `splits`, a piece begins at each.
    case metaspace(replacement: [UInt8], Prepending, splits: Bool)
    /// Pieces are spelled in the byte-level alphabet for the following stages.
    case byteLevel
  }

  /// The stages, each with its place in the tokenizer's file, for errors.
  let stages: [(stage: Stage, place: String)]
  private let isSpelled: Bool

  /// A pre-tokenizer of these stages.
  init(_ stages: [(stage: Stage, place: String)]) {
    self.stages = stages
    isSpelled = stages.contains { if case .byteLevel = $0.stage { true } else { false } }
  }

  /// A copy that also splits before each run of U+2581, if that cannot change any token.
  ///
  /// Vocabularies that write U+2581 for a space encode whole texts at once. If no piece has U+2581
  /// after another character, no merge crosses such a place. Words are short and recur, so that their
  /// tokens can be cached.
  func cuttingAtVisibleSpaces(_ pieces: PieceTable) throws(PatternParser.Failure) -> PreTokenizer {
    let mark = Normalizer.visibleSpace
    guard mark.withUnsafeBufferPointer({ pieces.find($0) }) != nil,
      !(0..<pieces.count).contains(where: { number in
        pieces.withBytes(of: number) { Self.hasInnerMark($0, mark) }
      })
    else { return self }
    let pattern = try SplitPattern("\u{2581}*[^\u{2581}]+|\u{2581}+".utf8)
    return PreTokenizer(
      stages + [(.split(pattern, .isolated, inverted: false), "the vocabulary's spaces")])
  }

  private static func hasInnerMark(_ piece: UnsafeBufferPointer<UInt8>, _ mark: [UInt8]) -> Bool {
    var index = 0
    while piece[index...].starts(with: mark) { index += mark.count }
    while index < piece.count {
      if piece[index] == mark[0], piece[index...].starts(with: mark) { return true }
      index += 1
    }
    return false
  }

  /// Calls `body` with each word of `text`, in order.
  ///
  /// - Parameters:
  ///   - text: Normalised text between added tokens.
  ///   - isStart: True if the whole text begins with it.
  ///   - budget: The limits that remain for the whole text.
  ///   - body: Receives the word's own bytes, even if stages saw another spelling.
  /// - Throws: `TokenizerError` if a stage takes more steps or bytes than `budget` has.
  func forEachWord(
    in text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ budget: EncodingBudget,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) throws(TokenizerError) {
    var pieces = PreTokenizerPieces(ranges: [0..<text.count])
    for (stage, place) in stages {
      budget.place = place
      try budget.spend(1 + pieces.ranges.count)
      try pieces.apply(stage, to: text, isStart: isStart, budget)
    }
    budget.place = "model"
    var plain: [UInt8] = []
    try pieces.withText(text) { text throws(TokenizerError) in
      for range in pieces.ranges where !range.isEmpty {
        try budget.allow(word: range.count)
        let word = UnsafeBufferPointer(rebasing: text[range])
        if isSpelled, ByteLevelAlphabet.decode(word, into: &plain) {
          plain.withUnsafeBufferPointer(body)
        } else {
          body(word)
        }
      }
    }
  }

  /// Calls `body` with each match of `pattern`, from left to right, without overlaps.
  ///
  /// Throws: the errors of `body`, and `TokenizerError` if the steps of `budget` do not suffice.
  static func forEachMatch(
    of pattern: SplitPattern, in text: UnsafeBufferPointer<UInt8>, _ budget: EncodingBudget,
    _ body: (Range<Int>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    var matcher = PatternMatcher(pattern, text, steps: budget.stepsLeft)
    defer { budget.stepsLeft = matcher.stepsLeft }
    func next(from position: Int) throws(TokenizerError) -> Range<Int>? {
      do { return try matcher.firstMatch(from: position) } catch { throw budget.exhausted }
    }
    var position = 0
    var lastEnd = -1
    while position <= text.count, let match = try next(from: position) {
      position = match.upperBound
      if match.isEmpty {
        // An empty match right after a match is part of that one.
        if match.lowerBound != lastEnd { try body(match) }
        guard position < text.count else { return }
        position += UTF8Scan.scalar(text, at: position).length
      } else {
        try body(match)
        lastEnd = match.upperBound
      }
    }
  }
}
