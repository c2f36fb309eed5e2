/// The pieces of a text between two stages.
struct PreTokenizerPieces {
  /// The rewritten text; `nil` as long as it is the caller's text.
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
      // By far the most frequent behaviour: matches and the gaps between them are all pieces.
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
