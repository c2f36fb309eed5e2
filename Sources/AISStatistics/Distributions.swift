import Foundation

/// The distribution functions that the intervals and tests use.
package enum Distributions {
  /// The value that a standard normal variable is below with the given probability.
  ///
  /// Found by bisection on `erfc`, which is accurate to about the last bit.
  package static func normalQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability strictly between 0 and 1")
    return bisect(from: -40, to: 40) { normalAtMost($0) < probability }
  }

  /// The probability that a standard normal variable is below a value.
  package static func normalAtMost(_ value: Double) -> Double {
    0.5 * erfc(-value / 2.0.squareRoot())
  }

  /// The value that a variable of Student's distribution is below with the given probability.
  ///
  /// Found by bisection on the distribution function, whose integral is computed numerically.
  package static func studentQuantile(_ probability: Double, freedom: Double) -> Double {
    precondition(probability >= 0.5 && probability < 1 && freedom >= 1, "an upper quantile")
    return bisect(from: 0, to: 1e6) { studentAtMost($0, freedom: freedom) < probability }
  }

  /// The probability that a variable of Student's distribution is below a value of 0 or more.
  ///
  /// With t = √ν·tan θ the density becomes a power of the cosine, which Simpson's rule integrates to
  /// about the last bit.
  package static func studentAtMost(_ value: Double, freedom: Double) -> Double {
    precondition(value >= 0, "the upper half")
    let end = atan(value / freedom.squareRoot())
    let steps = 2_000
    let width = end / Double(steps)
    func density(_ step: Int) -> Double { pow(cos(width * Double(step)), freedom - 1) }
    var sum = density(0) + density(steps)
    for step in 1..<steps { sum += density(step) * (step.isMultiple(of: 2) ? 2 : 4) }
    let scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / Double.pi.squareRoot()
    return 0.5 + scale * sum * width / 3
  }

  /// The probability of at most `successes` successes in `trials` draws of probability `rate` each.
  package static func binomialAtMost(_ successes: Int, of trials: Int, rate: Double) -> Double {
    if successes >= trials { return 1 }
    if successes < 0 || rate >= 1 { return 0 }
    if rate <= 0 { return 1 }
    // Terms are relative to the largest one, so that they do not underflow for many trials.
    let mode = min(successes, Int(Double(trials + 1) * rate))
    let logPeak = logBinomialTerm(mode, of: trials, rate: rate)
    let odds = rate / (1 - rate)
    var sum = 1.0
    var term = 1.0
    for count in stride(from: mode, to: 0, by: -1) {
      term *= Double(count) / (Double(trials - count + 1) * odds)
      sum += term
      if term < 1e-20 { break }
    }
    term = 1
    for count in mode..<successes {
      term *= Double(trials - count) / Double(count + 1) * odds
      sum += term
      if term < 1e-20 { break }
    }
    return min(1, exp(logPeak + log(sum)))
  }

  /// The point between `from` and `to` from which a condition that holds at `from` fails.
  package static func bisect(
    from: Double, to: Double, whileTrue isBelow: (Double) -> Bool
  ) -> Double {
    var low = from
    var high = to
    while true {
      let middle = low + (high - low) / 2
      if !(middle > low && middle < high) { return middle }
      if isBelow(middle) { low = middle } else { high = middle }
    }
  }

  private static func logBinomialTerm(_ count: Int, of trials: Int, rate: Double) -> Double {
    let ways =
      lgamma(Double(trials + 1)) - lgamma(Double(count + 1)) - lgamma(Double(trials - count + 1))
    return ways + Double(count) * log(rate) + Double(trials - count) * log1p(-rate)
  }
}
