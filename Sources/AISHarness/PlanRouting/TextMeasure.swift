/// Measures of one generated text, and of two compared, in tokens.
public enum TextMeasure {
  /// The number of tokens before the first difference.
  public static func sharedPrefix(_ first: [Int32], _ second: [Int32]) -> Int {
    zip(first, second).prefix { $0 == $1 }.count
  }

  /// The shared prefix as a share of the longer text.
  ///
  /// It is 1 only for equal texts; two empty ones count as equal.
  public static func prefixShare(_ first: [Int32], _ second: [Int32]) -> Double {
    let longest = max(first.count, second.count)
    return longest == 0 ? 1 : Double(sharedPrefix(first, second)) / Double(longest)
  }

  /// The share of a text's runs of `length` tokens that occurred in it before: 0 without
  /// repetition, near 1 for a text that repeats itself endlessly.
  ///
  /// It is 0 for a text too short for two runs.
  ///
  /// Source: 1 − distinct-n (Li et al. 2016), as seq-rep-n of Welleck et al. 2020.
  public static func repetition(_ tokens: [Int32], runsOf length: Int = 4) -> Double {
    precondition(length > 0, "runs of at least one token")
    let count = tokens.count - length + 1
    guard count > 1 else { return 0 }
    let distinct = Set((0..<count).map { tokens[$0..<$0 + length] })
    return 1 - Double(distinct.count) / Double(count)
  }

  /// The number of tokens from the first end token on.
  public static func tokensBehindEnd(_ tokens: [Int32], endIDs: Set<Int32>) -> Int {
    tokens.firstIndex(where: endIDs.contains).map { tokens.count - $0 } ?? 0
  }

  /// A text on one line, cut to at most `characters` characters.
  public static func oneLine(_ text: String, characters: Int) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > characters ? line.prefix(characters - 1) + "…" : line
  }
}
