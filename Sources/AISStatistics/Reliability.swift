/// How far scores can be read as probabilities: in bins of equal width, what was said beside what came.
public struct Reliability: Sendable, Equatable {
  /// Rows whose scores lie in one range.
  public struct Bin: Sendable, Equatable {
    /// The range's ends; the last bin holds its upper end.
    public let lower: Double
    /// See `lower`.
    public let upper: Double
    /// Rows.
    public let count: Int
    /// Rows that are positive.
    public let positives: Int
    /// The mean of their scores; not a number without rows.
    public let meanScore: Double

    /// The share that is positive; not a number without rows.
    public var rate: Double { Double(positives) / Double(count) }
  }

  /// The bins, by rising score.
  public let bins: [Bin]

  /// Sorts rows into bins.
  ///
  /// Shape: [rows] each; scores in [0, 1].
  public init(scores: [Float], labels: [Bool], binCount: Int = 10) {
    precondition(scores.count == labels.count && binCount > 0, "a label for each score")
    var sums = [(count: Int, positives: Int, score: Double)](
      repeating: (0, 0, 0), count: binCount)
    for (score, label) in zip(scores, labels) where score >= 0 && score <= 1 {
      let bin = min(binCount - 1, Int(score * Float(binCount)))
      sums[bin].count += 1
      sums[bin].positives += label ? 1 : 0
      sums[bin].score += Double(score)
    }
    bins = sums.enumerated().map { bin, sum in
      Bin(
        lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount),
        count: sum.count, positives: sum.positives, meanScore: sum.score / Double(sum.count))
    }
  }

  /// The mean distance of what was said from what came, bins weighted by their rows; 0 without rows.
  ///
  /// Source: Naeini, Cooper and Hauskrecht 2015, AAAI (expected calibration error).
  public var expectedError: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    return bins.filter { $0.count > 0 }.reduce(0) {
      $0 + abs($1.meanScore - $1.rate) * Double($1.count) / Double(total)
    }
  }
}
