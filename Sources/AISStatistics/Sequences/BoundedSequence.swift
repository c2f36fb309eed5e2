import Foundation

/// Intervals for the mean of bounded numbers that stay valid however often one looks.
///
/// Two gamblers bet on each number x against a hypothetical mean m: one that x is above m, one that
/// it is below. A bet is a share of the capital; each gambler's capital is divided over a geometric
/// grid of shares, which does nearly as well as the best share. If m is the mean, the half-sum of
/// both capitals ever exceeds 1/α with a probability of at most α. It is exact for every number of
/// observations and any distribution within the bounds.
///
/// Source: Waudby-Smith and Ramdas 2024, JRSS B 86, 1–27 (arXiv 2010.09686): hedged capital, with
/// diversified bets of appendix B; Ville 1939.
public enum BoundedSequence {
  /// The largest share of the capital that is bet, and how often it is halved.
  private static let shares = (0..<14).map { 0.9 * pow(0.5, Double($0)) }

  /// The means that the values do not exclude.
  ///
  /// - Parameters:
  ///   - values: independent numbers, each in `bounds`; at least one.
  ///   - bounds: the range that was fixed before the values were seen.
  ///   - error: the probability of ever missing the mean.
  /// - Returns: the interval; all of `bounds` if there are no values or one is outside them.
  public static func interval(
    _ values: [Double], in bounds: ClosedRange<Double>, error: Double
  ) -> (lower: Double, upper: Double) {
    let width = bounds.upperBound - bounds.lowerBound
    guard width > 0, !values.isEmpty, values.allSatisfy(bounds.contains) else {
      return (bounds.lowerBound, bounds.upperBound)
    }
    // Equal values are counted, since differences of answers have only three.
    var counts: [Double: Int] = [:]
    for value in values { counts[(value - bounds.lowerBound) / width, default: 0] += 1 }
    let distinct = counts.sorted { $0.key < $1.key }.map {
      (value: $0.key, count: Double($0.value))
    }
    let mean = distinct.reduce(0) { $0 + $1.value * $1.count } / Double(values.count)
    let goal = -log(error)
    let lower =
      mean == 0 ? 0 : Distributions.bisect(from: 0, to: mean) { logCapital(distinct, $0) > goal }
    let upper =
      mean == 1 ? 1 : Distributions.bisect(from: mean, to: 1) { logCapital(distinct, $0) <= goal }
    return (bounds.lowerBound + lower * width, bounds.lowerBound + upper * width)
  }

  private static func logCapital(
    _ values: [(value: Double, count: Double)], _ mean: Double
  ) -> Double {
    var logs: [Double] = []
    for share in shares {
      for bet in [mean > 0 ? share / mean : 0, mean < 1 ? -share / (1 - mean) : 0] {
        logs.append(values.reduce(0) { $0 + $1.count * log1p(bet * ($1.value - mean)) })
      }
    }
    let largest = logs.max() ?? 0
    return largest + log(logs.reduce(0) { $0 + exp($1 - largest) } / Double(logs.count))
  }
}
