/// How well scores work as probabilities: the mean score and the share of positives in bins of equal
/// width.
public struct Reliability: Sendable, Equatable {
  /// Rows whose scores lie in one range.
  public struct Bin: Sendable, Equatable {
    /// The lower end of the range; a bin holds its lower end, the last one also its upper end.
    public let lower: Double
    /// The upper end of the range.
    public let upper: Double
    /// Rows.
    public let count: Int
    /// Rows that are positive.
    public let positives: Int
    /// The mean of their scores; NaN without rows.
    public let meanScore: Double

    /// The share of rows that are positive; NaN without rows.
    public var rate: Double { Double(positives) / Double(count) }
  }

  /// The bins, in order of rising score.
  public let bins: [Bin]

  /// Sorts rows into bins.
  ///
  /// Shape: [rows] each. Rows whose scores are outside [0, 1] are not counted.
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

  /// The mean distance between a bin's mean score and its share of positives, weighted by rows; 0
  /// without rows.
  ///
  /// Source: Naeini, Cooper and Hauskrecht 2015, AAAI (expected calibration error).
  public var expectedError: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    return bins.filter { $0.count > 0 }.reduce(0) {
      $0 + abs($1.meanScore - $1.rate) * Double($1.count) / Double(total)
    }
  }
}
