import AISKit

extension Paired {
  /// The confidence interval of the variant's accuracy less the baseline's.
  ///
  /// It combines Wilson's intervals of the two shares with the correlation of the answers, which is
  /// corrected for continuity. Without answers it is the whole range from −1 to 1.
  ///
  /// Source: method 10 of Newcombe 1998, Statistics in Medicine 17, 2635–2650.
  public func differenceInterval(confidence: Double = 0.95) -> Interval {
    if count == 0 { return Interval(lower: -1, upper: 1) }
    let (before, after) = (
      baseline.wilson(confidence: confidence), variant.wilson(confidence: confidence)
    )
    let correlation = correctedCorrelation
    // The combined distance of two intervals' ends from their rates.
    func spread(_ first: Double, _ second: Double) -> Double {
      (first * first - 2 * correlation * first * second + second * second).squareRoot()
    }
    let below = spread(variant.rate - after.lower, before.upper - baseline.rate)
    let above = spread(after.upper - variant.rate, baseline.rate - before.lower)
    return Interval(lower: max(-1, difference - below), upper: min(1, difference + above))
  }

  /// The variant's accuracy less the baseline's, with Newcombe's interval and a confidence sequence
  /// of the questions' differences, each −1, 0 or 1.
  ///
  /// It counts single questions as independent.
  public var differenceEstimate: Estimate {
    let values =
      [Double](repeating: -1, count: lost) + [Double](repeating: 1, count: gained)
      + [Double](repeating: 0, count: bothRight + bothWrong)
    return Estimate(value: difference, interval: differenceInterval(), count: count) { error in
      let bounds = BoundedSequence.interval(values, in: -1...1, error: error)
      return Interval(lower: bounds.lower, upper: bounds.upper)
    }
  }

  /// The correlation of right answers, with a continuity correction towards 0 if it is positive.
  private var correctedCorrelation: Double {
    let margins = [
      baseline.successes, count - baseline.successes, variant.successes, count - variant.successes,
    ]
    let scale = margins.reduce(1.0) { $0 * Double($1) }.squareRoot()
    if scale == 0 { return 0 }
    let covariance = Double(bothRight) * Double(bothWrong) - Double(lost) * Double(gained)
    return (covariance > 0 ? max(0, covariance - Double(count) / 2) : covariance) / scale
  }

  /// How many questions McNemar's two-sided test needs to detect a difference in accuracy.
  ///
  /// - Parameters:
  ///   - difference: of the two shares of right answers, either sign, not 0.
  ///   - discordance: the share of questions that only one of the two gets right; at least the
  ///     difference's size.
  ///   - significance: the test's significance level.
  ///   - power: the probability of detecting the difference.
  /// - Returns: `nil` if no number of questions up to 10¹⁵ would do.
  ///
  /// Source: Connor 1987, Biometrics 43, 207–211.
  public static func trialsToDetect(
    difference: Double, discordance: Double, significance: Double = 0.05, power: Double = 0.8
  ) -> Int? {
    precondition(abs(difference) <= discordance && discordance <= 1, "|difference| ≤ discordance")
    let (null, alternative) = (
      -Distributions.normalQuantile(significance / 2), Distributions.normalQuantile(power)
    )
    let needed =
      (null * discordance.squareRoot()
        + alternative * (discordance - difference * difference).squareRoot()) / difference
    let trials = (needed * needed).rounded(.up)
    return trials <= 1e15 ? Int(trials) : nil
  }

  /// The smallest difference in accuracy that McNemar's two-sided test detects with `trials`.
  ///
  /// - Returns: `nil` if even a difference as large as the discordance is not detected.
  ///
  /// Source: Connor 1987, as in `trialsToDetect`.
  public static func detectableDifference(
    trials: Int, discordance: Double, significance: Double = 0.05, power: Double = 0.8
  ) -> Double? {
    func isFound(_ difference: Double) -> Bool {
      let needed = trialsToDetect(
        difference: difference, discordance: discordance, significance: significance, power: power)
      return needed.map { $0 <= trials } ?? false
    }
    guard discordance > 0, isFound(discordance) else { return nil }
    return Distributions.bisect(from: 0, to: discordance) { !isFound($0) }
  }
}
