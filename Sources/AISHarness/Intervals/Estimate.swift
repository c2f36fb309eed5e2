import AISKit
import Foundation

/// A quantity computed from a sample, with two confidence intervals.
///
/// `interval` is valid if the sample's size was fixed before. `anytime` is valid however often one
/// looked, and decides verdicts.
public struct Estimate: Sendable {
  /// The quantity, computed from the sample itself.
  public let value: Double
  /// Its 95 % confidence interval for a sample of fixed size.
  public let interval: Interval
  /// How many independent observations it rests on.
  public let count: Int
  /// The interval that misses the truth at any look with at most the given probability.
  private let sequence: @Sendable (_ error: Double) -> Interval

  /// An estimate whose interval's ends are asymptotically normal.
  ///
  /// The anytime interval widens each half of the fixed one by the ratio of the mixture's boundary
  /// to the normal quantile.
  ///
  /// - Parameters:
  ///   - value: the quantity.
  ///   - interval: its fixed-size interval.
  ///   - count: independent observations.
  ///   - confidence: that interval's confidence.
  public init(value: Double, interval: Interval, count: Int, confidence: Double = 0.95) {
    let quantile = Distributions.normalQuantile(0.5 + confidence / 2)
    self.init(value: value, interval: interval, count: count) { error in
      // Resampling n units shows (n − 1)/n of their variance.
      let missing = count > 1 ? (Double(count) / Double(count - 1)).squareRoot() : 1
      let ratio = StudentMixture.units.width(count: count, error: error) * missing / quantile
      // One observation gives an infinite ratio; a half of no width stays so.
      func half(_ width: Double) -> Double { width == 0 ? 0 : width * ratio }
      return Interval(
        lower: value - half(value - interval.lower), upper: value + half(interval.upper - value))
    }
  }

  /// An estimate with a confidence sequence of its own.
  init(
    value: Double, interval: Interval, count: Int,
    sequence: @escaping @Sendable (_ error: Double) -> Interval
  ) {
    self.value = value
    self.interval = interval
    self.count = count
    self.sequence = sequence
  }

  /// Its 95 % interval that is valid at every look; never narrower than the fixed one.
  public var anytime: Interval { sequence(0.05).joined(interval) }

  /// The smallest error at which the anytime interval excludes a value: a p-value that is valid at
  /// every look.
  ///
  /// 1 if no interval excludes the value.
  public func pValue(against hypothesis: Double) -> Double {
    func excludes(_ logError: Double) -> Bool {
      let interval = sequence(exp(logError))
      return interval.lower > hypothesis || interval.upper < hypothesis
    }
    guard value.isFinite, excludes(-1e-9) else { return 1 }
    if excludes(-700) { return 0 }
    var (low, high) = (-700.0, -1e-9)
    while high - low > 1e-6 {
      let middle = (low + high) / 2
      if excludes(middle) { high = middle } else { low = middle }
    }
    return exp(high)
  }

  /// The estimate as one of several whose intervals are all to hold together, with 95 %.
  ///
  /// It is for the largest of several estimates, or for any claim about at least one of them. Both
  /// intervals err at most a `count`-th as often (Bonferroni's rule).
  public func amongst(_ count: Int) -> Estimate {
    let family = Double(max(count, 1))
    let ratio =
      Distributions.normalQuantile(1 - 0.025 / family) / Distributions.normalQuantile(0.975)
    let sequence = self.sequence
    return Estimate(
      value: value,
      interval: Interval(
        lower: value - (value - interval.lower) * ratio,
        upper: value + (interval.upper - value) * ratio),
      count: self.count
    ) { sequence($0 / family) }
  }

  /// The estimate of a rising or falling function of the quantity.
  public func mapped(_ function: @escaping @Sendable (Double) -> Double) -> Estimate {
    let sequence = self.sequence
    return Estimate(value: function(value), interval: interval.mapped(function), count: count) {
      sequence($0).mapped(function)
    }
  }

  /// How many observations would separate the anytime interval from a threshold, if value and
  /// spread stay; `nil` if more than a thousand million.
  public func countToSettle(against threshold: Double) -> Int? {
    let anytime = self.anytime
    let half = threshold < value ? value - anytime.lower : anytime.upper - value
    let distance = abs(threshold - value)
    guard count > 0, half.isFinite, distance > 0 else { return nil }
    func width(_ count: Int) -> Double {
      // With very few units the mixture's width is infinite.
      StudentMixture.units.width(count: max(count, 20), error: 0.05) / Double(count).squareRoot()
    }
    let start = width(count)
    func settles(_ count: Int) -> Bool { half * width(count) / start < distance }
    var high = count
    while !settles(high) {
      high *= 2
      if high > 1_000_000_000 { return nil }
    }
    var low = count
    while high - low > 1 {
      let middle = (low + high) / 2
      if settles(middle) { high = middle } else { low = middle }
    }
    return high
  }
}

extension Estimate: Equatable {
  /// Equal figures.
  public static func == (left: Estimate, right: Estimate) -> Bool {
    left.value == right.value && left.interval == right.interval && left.count == right.count
      && left.anytime == right.anytime
  }
}

extension Estimate {
  /// The mean of independent numbers whose bounds were known before, such as shares.
  ///
  /// The fixed interval is a percentile bootstrap; the confidence sequence is exact and stays inside
  /// the bounds.
  ///
  /// - Parameters:
  ///   - values: the numbers.
  ///   - bounds: the range that holds all of them.
  public init(meanOf values: [Double], in bounds: ClosedRange<Double>) {
    let fixed = Bootstrap().mean(of: values)
    self.init(value: fixed.value, interval: fixed.interval, count: values.count) { error in
      let sequence = BoundedSequence.interval(values, in: bounds, error: error)
      return Interval(lower: sequence.lower, upper: sequence.upper)
    }
  }
}

extension Proportion {
  /// The rate with Wilson's interval, and its exact confidence sequence.
  public var estimate: Estimate {
    let (successes, trials) = (successes, trials)
    return Estimate(value: rate, interval: wilson(), count: trials) { error in
      let bounds = ProportionSequence.interval(
        successes: successes, trials: trials, error: error)
      return Interval(lower: bounds.lower, upper: bounds.upper)
    }
  }
}
