/// How a model's text falls into words, inside which alone tokens are made.
///
/// A list of stages, each of which cuts the pieces that the stage before left, or rewrites them.
package struct PreTokenizer: Sendable {
  /// What becomes of the stretches that a pattern matches.
  enum Behavior: String, Sendable {
    /// Each is a piece.
    case isolated = "Isolated"
    /// They are dropped.
    case removed = "Removed"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    /// Neighbouring ones are one piece.
    case contiguous = "Contiguous"
  }

  /// When a piece gets the stand-in for a space before it.
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
    /// Spaces are written as `replacement`, and with `splits` begin the pieces.
    case metaspace(replacement: [UInt8], Prepending, splits: Bool)
    /// Pieces are spelled in the byte-level alphabet for the stages that follow.
    case byteLevel
  }

  /// The stages, and where each is described in the tokenizer's file, for errors.
  let stages: [(stage: Stage, place: String)]
  private let isSpelled: Bool

  /// A pre-tokenizer of these stages.
  init(_ stages: [(stage: Stage, place: String)]) {
    self.stages = stages
    isSpelled = stages.contains { if case .byteLevel = $0.stage { true } else { false } }
  }

  /// The same, cutting once more before each run of U+2581, if that cannot change any token.
  ///
  /// Vocabularies that write U+2581 for a space are meant for whole texts. Where no piece has one
  /// after another character, no merge ever crosses such a place; words are short and come again.
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
  ///   - text: A stretch of text between added tokens, normalised.
  ///   - isStart: True if the whole text begins with it.
  ///   - budget: What the whole text may still cost.
  ///   - body: Gets the word's own bytes, also where stages saw another spelling.
  /// - Throws: `TokenizerError` where a stage takes more steps or bytes than `budget` has.
  func forEachWord(
    in text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ budget: EncodingBudget,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) throws(TokenizerError) {
    var pieces = Pieces(ranges: [0..<text.count])
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
  /// Throws: what `body` throws, and `TokenizerError` where the steps of `budget` do not suffice.
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

/// The pieces of a text between two stages.
private struct Pieces {
  /// The rewritten text; `nil` while it is still the caller's.
  var rewritten: [UInt8]?
  var ranges: [Range<Int>]

  init(ranges: [Range<Int>]) { self.ranges = ranges }

  func withText<Result>(
    _ original: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> Result
  ) throws(TokenizerError) -> Result {
    guard let rewritten else { return try body(original) }
    return try rewritten.withUnsafeBufferPointer(body)
  }

  mutating func apply(
    _ stage: PreTokenizer.Stage, to original: UnsafeBufferPointer<UInt8>, isStart: Bool,
    _ budget: EncodingBudget
  ) throws(TokenizerError) {
    switch stage {
    case .split(let pattern, let behavior, let inverted):
      ranges = try withText(original) { text throws(TokenizerError) in
        var output: [Range<Int>] = []
        output.reserveCapacity(ranges.count + text.count / 8)
        for range in ranges {
          try Self.split(text, range, pattern, behavior, inverted, budget, into: &output)
        }
        return output
      }
    case .leadingSpace:
      try rewrite(original, budget) { piece, _ in
        piece.first == 0x20 ? Array(piece) : [0x20] + piece
      }
    case .byteLevel:
      try rewrite(original, budget) { piece, _ in ByteLevelAlphabet.encode(piece) }
    case .metaspace(let replacement, let prepending, let splits):
      try rewrite(original, budget) { piece, isFirst in
        var bytes = Self.replaceSpaces(piece, replacement)
        let isWanted = prepending == .always || (prepending == .first && isFirst && isStart)
        if isWanted, !bytes.starts(with: replacement) { bytes = replacement + bytes }
        return bytes
      }
      if splits {
        ranges = try withText(original) { text throws(TokenizerError) in
          ranges.flatMap { Self.cut(text, $0, before: replacement) }
        }
      }
    }
  }

  private mutating func rewrite(
    _ original: UnsafeBufferPointer<UInt8>, _ budget: EncodingBudget,
    _ transform: (UnsafeBufferPointer<UInt8>, Bool) -> [UInt8]
  ) throws(TokenizerError) {
    var output: [UInt8] = []
    var newRanges: [Range<Int>] = []
    try withText(original) { text throws(TokenizerError) in
      for range in ranges where !range.isEmpty {
        let start = output.count
        output += transform(UnsafeBufferPointer(rebasing: text[range]), range.lowerBound == 0)
        try budget.spend(1 + output.count - start)
        try budget.allow(length: output.count)
        newRanges.append(start..<output.count)
      }
    }
    rewritten = output
    ranges = newRanges
  }

  private static func replaceSpaces(
    _ piece: UnsafeBufferPointer<UInt8>, _ replacement: [UInt8]
  ) -> [UInt8] {
    var output: [UInt8] = []
    for byte in piece {
      if byte == 0x20 { output += replacement } else { output.append(byte) }
    }
    return output
  }

  private static func cut(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, before mark: [UInt8]
  ) -> [Range<Int>] {
    var output: [Range<Int>] = []
    var start = range.lowerBound
    var index = start
    while index < range.upperBound {
      if text[index..<range.upperBound].starts(with: mark) {
        if index > start { output.append(start..<index) }
        start = index
        index += mark.count
      } else {
        index += 1
      }
    }
    if start < range.upperBound { output.append(start..<range.upperBound) }
    return output
  }

  private static func split(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ pattern: SplitPattern,
    _ behavior: PreTokenizer.Behavior, _ inverted: Bool, _ budget: EncodingBudget,
    into output: inout [Range<Int>]
  ) throws(TokenizerError) {
    let piece = UnsafeBufferPointer(rebasing: text[range])
    if behavior == .isolated {
      // By far the most frequent; matches and gaps are all pieces.
      var end = range.lowerBound
      try PreTokenizer.forEachMatch(of: pattern, in: piece, budget) {
        let match = $0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound
        if match.lowerBound > end { output.append(end..<match.lowerBound) }
        if !match.isEmpty { output.append(match) }
        end = match.upperBound
      }
      if end < range.upperBound { output.append(end..<range.upperBound) }
      return
    }
    var stretches: [(range: Range<Int>, isMatch: Bool)] = []
    var end = range.lowerBound
    try PreTokenizer.forEachMatch(of: pattern, in: piece, budget) {
      let match = $0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound
      if match.lowerBound > end { stretches.append((end..<match.lowerBound, inverted)) }
      stretches.append((match, !inverted))
      end = match.upperBound
    }
    if end < range.upperBound { stretches.append((end..<range.upperBound, inverted)) }
    output += merge(stretches, behavior).filter { !$0.isEmpty }
  }

  private static func merge(
    _ stretches: [(range: Range<Int>, isMatch: Bool)], _ behavior: PreTokenizer.Behavior
  ) -> [Range<Int>] {
    var output: [Range<Int>] = []
    var wasMatch = false
    switch behavior {
    case .isolated: return stretches.map(\.range)
    case .removed: return stretches.filter { !$0.isMatch }.map(\.range)
    case .mergedWithPrevious:
      for (range, isMatch) in stretches {
        if isMatch, !wasMatch, let last = output.popLast() {
          output.append(last.lowerBound..<range.upperBound)
        } else {
          output.append(range)
        }
        wasMatch = isMatch
      }
    case .mergedWithNext:
      for (range, isMatch) in stretches.reversed() {
        if isMatch, !wasMatch, let last = output.popLast() {
          output.append(range.lowerBound..<last.upperBound)
        } else {
          output.append(range)
        }
        wasMatch = isMatch
      }
      output.reverse()
    case .contiguous:
      for (range, isMatch) in stretches {
        if isMatch == wasMatch, let last = output.popLast() {
          output.append(last.lowerBound..<range.upperBound)
        } else {
          output.append(range)
        }
        wasMatch = isMatch
      }
    }
    return output
  }
}
