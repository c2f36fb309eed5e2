import AISKit

/// The texts of a file that calibration uses: in an order drawn from the seed, cut if too long,
/// until there are enough.
struct CalibrationDraw {
  let texts: [CalibrationText]
  /// A line that says what was taken.
  let summary: String

  /// Draws from lines that all begin with the same `opening` tokens, which do not count.
  init(
    _ lines: [[Int32]], opening: Int, texts: Int, tokensPerText: Int, tokens: Int, seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var (taken, cut, total) = ([CalibrationText](), 0, 0)
    for line in random.shuffled(lines) {
      guard taken.count < texts, total < tokens else { break }
      if line.count > tokensPerText { cut += 1 }
      taken.append(
        CalibrationText(Array(line.prefix(tokensPerText)), firstPosition: opening))
      total += min(line.count, tokensPerText)
    }
    self.texts = taken
    summary =
      "reads \(taken.count) of \(lines.count) texts, \(total) tokens; "
      + "\(cut) cut to \(tokensPerText)"
  }
}
