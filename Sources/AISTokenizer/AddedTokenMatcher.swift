/// A token that is matched in the text before any other step.
struct AddedToken: Sendable {
  var id: Int32
  var content: [UInt8]
  /// Control tokens; encoding matches them, and decoding omits them, only on request.
  var isSpecial: Bool
  /// The token takes the white space before it, or after it.
  var stripsLeft = false
  var stripsRight = false
  /// It is matched only if no word character is next to it.
  var isSingleWord = false
}

/// Finds added tokens from left to right; of several that begin at one place, the longest.
struct AddedTokenMatcher: Sendable {
  enum Fragment {
    case token(Int32)
    case text(Range<Int>)
  }

  private let tokens: [AddedToken]
  private var contents: PieceTable
  /// The lengths of tokens by their first byte, longest first.
  private var lengths: [[Int]] = Array(repeating: [], count: 256)
  /// Whether a token begins with a pair of bytes, by the pair's value.
  private var starts: [Bool] = Array(repeating: false, count: 1 << 16)

  var isEmpty: Bool { tokens.isEmpty }

  /// A matcher of these tokens; of equal contents the first is used, and empty ones never match.
  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    contents = PieceTable(capacity: tokens.count)
    for (number, token) in tokens.enumerated() {
      token.content.withUnsafeBufferPointer { contents.append($0) }
      guard let first = token.content.first, contents.index(number) == nil else { continue }
      if !lengths[Int(first)].contains(token.content.count) {
        lengths[Int(first)].append(token.content.count)
      }
      if token.content.count > 1 {
        starts[Int(first) << 8 | Int(token.content[1])] = true
      } else {
        for second in 0..<256 { starts[Int(first) << 8 | second] = true }
      }
    }
    for first in 0..<256 { lengths[first].sort(by: >) }
  }

  /// The token that begins at `index`, if one does.
  private func token(
    in text: UnsafeBufferPointer<UInt8>, at index: Int, parseSpecial: Bool,
    _ budget: EncodingBudget
  ) throws(TokenizerError) -> AddedToken? {
    let first = Int(text[index])
    let candidates = lengths[first]
    if candidates.isEmpty { return nil }
    if index + 1 < text.count, !starts[first << 8 | Int(text[index + 1])] { return nil }
    for length in candidates where length <= text.count - index {
      // The cost of reading `length` bytes of the text.
      try budget.spend(1 + length >> 5)
      let stretch = UnsafeBufferPointer(rebasing: text[index..<index + length])
      guard let number = contents.find(stretch) else { continue }
      let token = tokens[Int(number)]
      if parseSpecial || !token.isSpecial { return token }
    }
    return nil
  }

  /// Calls `body` with the tokens and the texts between them, in order.
  ///
  /// Throws: the errors of `body`, and `TokenizerError` if the search exceeds `budget`.
  func forEachFragment(
    of text: UnsafeBufferPointer<UInt8>, parseSpecial: Bool, _ budget: EncodingBudget,
    _ body: (Fragment) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    budget.place = "added tokens"
    try budget.spend(text.count >> 4)
    var start = 0
    var index = 0
    while index < text.count, !tokens.isEmpty {
      guard let token = try token(in: text, at: index, parseSpecial: parseSpecial, budget) else {
        index += 1
        continue
      }
      var end = index + token.content.count
      if token.isSingleWord, Self.touchesWord(text, index..<end) {
        index = end
        continue
      }
      var before = index
      if token.stripsLeft { before = Self.spaceStart(in: text, before: index, notBefore: start) }
      if token.stripsRight { end = Self.spaceEnd(in: text, from: end) }
      if before > start { try body(.text(start..<before)) }
      try body(.token(token.id))
      budget.place = "added tokens"
      start = end
      index = end
    }
    if start < text.count { try body(.text(start..<text.count)) }
  }

  private static func touchesWord(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let before = range.lowerBound
    if before > 0, UnicodeCategory.isWord(UTF8Scan.scalarBefore(text, before).value) { return true }
    let after = range.upperBound
    return after < text.count && UnicodeCategory.isWord(UTF8Scan.scalar(text, at: after).value)
  }

  /// The end of the white space that begins at `start`.
  static func spaceEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var end = start
    while end < text.count {
      let scalar = UTF8Scan.scalar(text, at: end)
      guard UnicodeCategory.isWhitespace(scalar.value) else { break }
      end += scalar.length
    }
    return end
  }

  /// The start of the white space that ends at `end`, but not before `floor`.
  static func spaceStart(
    in text: UnsafeBufferPointer<UInt8>, before end: Int, notBefore floor: Int
  ) -> Int {
    var start = end
    while start > floor {
      let scalar = UTF8Scan.scalarBefore(text, start)
      guard UnicodeCategory.isWhitespace(scalar.value) else { break }
      start -= scalar.length
    }
    return max(start, floor)
  }
}
