import AISKit
import Foundation

/// A number of successes out of a number of trials.
public struct Proportion: Sendable, Equatable {
  /// How many trials succeeded.
  public let successes: Int
  /// How many trials there were.
  public let trials: Int

  /// A proportion from its two counts.
  public init(successes: Int, trials: Int) {
    precondition(successes >= 0 && successes <= trials, "0 ≤ successes ≤ trials")
    self.successes = successes
    self.trials = trials
  }

  /// A proportion counted from a sequence of outcomes.
  public init(of outcomes: some Sequence<Bool>) {
    var successes = 0
    var trials = 0
    for outcome in outcomes {
      trials += 1
      if outcome { successes += 1 }
    }
    self.init(successes: successes, trials: trials)
  }

  /// The share that succeeded; NaN without trials.
  public var rate: Double { Double(successes) / Double(trials) }

  /// Wilson's score interval, without continuity correction.
  ///
  /// Without trials it is the range from 0 to 1.
  ///
  /// Source: Wilson 1927; method 3 of Newcombe 1998, Statistics in Medicine 17, 857–872.
  public func wilson(confidence: Double = 0.95) -> Interval {
    Self.wilson(rate: trials == 0 ? 0.5 : rate, trials: trials, confidence: confidence)
  }

  /// Clopper and Pearson's interval: its coverage is never below the confidence asked for.
  ///
  /// Source: Clopper and Pearson 1934, Biometrika 26, 404–413.
  public func clopperPearson(confidence: Double = 0.95) -> Interval {
    let tail = (1 - confidence) / 2
    return Interval(lower: exactLowerBound(tail: tail), upper: exactUpperBound(tail: tail))
  }

  /// A one-sided upper bound of the true rate, with at least this confidence.
  public func upperBound(confidence: Double) -> Double { exactUpperBound(tail: 1 - confidence) }

  /// A one-sided lower bound of the true rate, with at least this confidence.
  public func lowerBound(confidence: Double) -> Double { exactLowerBound(tail: 1 - confidence) }

  private static func wilson(rate: Double, trials: Int, confidence: Double) -> Interval {
    guard trials > 0 else { return Interval(lower: 0, upper: 1) }
    let n = Double(trials)
    let z = Distributions.normalQuantile(0.5 + confidence / 2)
    let scale = 1 + z * z / n
    let centre = (rate + z * z / (2 * n)) / scale
    let spread = z / scale * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot()
    // At the rates 0 and 1 rounding makes the formula inexact.
    return Interval(
      lower: rate == 0 ? 0 : max(0, centre - spread),
      upper: rate == 1 ? 1 : min(1, centre + spread))
  }

  private func exactUpperBound(tail: Double) -> Double {
    if successes == trials { return 1 }
    return Distributions.bisect(from: 0, to: 1) {
      Distributions.binomialAtMost(successes, of: trials, rate: $0) > tail
    }
  }

  private func exactLowerBound(tail: Double) -> Double {
    if successes == 0 { return 0 }
    let failures = Proportion(successes: trials - successes, trials: trials)
    return 1 - failures.exactUpperBound(tail: tail)
  }
}
