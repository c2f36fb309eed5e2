import AISKit

/// Paired differences: a quantity measured twice on the same items, such as each prompt's agreement
/// under two ways of choosing its plan.
///
/// Power is that of the two-sided z-test at the observed standard deviation. With a few dozen items
/// or more, the mean difference is nearly normal, whatever the differences' distribution.
public struct PairedDifferences: Sendable, Equatable {
  /// The variant's value less the baseline's, for each item.
  public let values: [Double]

  /// From known differences.
  public init(_ values: [Double]) { self.values = values }

  /// From two lists: the variant's values less the baseline's.
  public init(baseline: [Double], variant: [Double]) {
    precondition(baseline.count == variant.count, "two values of each thing")
    values = zip(variant, baseline).map { $0 - $1 }
  }

  /// How many items there are.
  public var count: Int { values.count }

  /// The mean difference; NaN without items.
  public var mean: Double { Bootstrap.mean(values) }

  /// The standard deviation of the differences, with n − 1; NaN for fewer than two.
  public var standardDeviation: Double {
    guard count > 1 else { return .nan }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The mean with its bootstrap interval; items are resampled.
  public func estimate(confidence: Double = 0.95) -> Estimate {
    Bootstrap(confidence: confidence).mean(of: values)
  }

  /// The p-value of the two-sided sign-flip permutation test: how often the mean is as far from 0
  /// if each difference gets a random sign.
  ///
  /// It assumes only symmetry under the null hypothesis. The observed signs count among the flips,
  /// so it is never 0.
  ///
  /// Source: Fisher 1935, "The Design of Experiments", section 21; Phipson and Smyth 2010 for the
  /// p-value.
  public func signFlipPValue(flips: Int = 10_000, seed: UInt64 = 0) -> Double {
    precondition(flips > 0, "some flips")
    // Equal up to rounding counts as equal.
    let observed = abs(values.reduce(0, +)) * (1 - 1e-12)
    var generator = SplitMix64(seed: seed)
    var asFar = 1
    for _ in 0..<flips {
      var sum = 0.0
      var signs: UInt64 = 0
      for (place, value) in values.enumerated() {
        if place % 64 == 0 { signs = generator.next() }
        sum += signs & 1 == 0 ? value : -value
        signs >>= 1
      }
      if abs(sum) >= observed { asFar += 1 }
    }
    return Double(asFar) / Double(flips + 1)
  }

  /// The probability that this many items detect a true mean difference of this size.
  ///
  /// NaN for fewer than two items.
  public func power(toSee difference: Double, significance: Double = 0.05) -> Double {
    let error = standardDeviation / Double(count).squareRoot()
    if error == 0 { return difference == 0 ? significance : 1 }
    let critical = -Distributions.normalQuantile(significance / 2)
    return Distributions.normalAtMost(difference / error - critical)
      + Distributions.normalAtMost(-difference / error - critical)
  }

  /// The smallest true mean difference that this many items detect with this power.
  ///
  /// NaN for fewer than two items.
  public func detectableDifference(significance: Double = 0.05, power: Double = 0.8) -> Double {
    Self.reach(significance, power) * standardDeviation / Double(count).squareRoot()
  }

  /// How many items detect a true mean difference with this power, if the standard deviation stays
  /// the same; `nil` if unknown or above 10¹⁵.
  public func trialsToDetect(
    difference: Double, significance: Double = 0.05, power: Double = 0.8
  ) -> Int? {
    Self.trials((Self.reach(significance, power) * standardDeviation / difference))
  }

  /// How many items would separate the mean's interval from a threshold, if mean and standard
  /// deviation stay the same; `nil` if unknown or above 10¹⁵.
  public func trialsToSettle(against threshold: Double, confidence: Double = 0.95) -> Int? {
    let critical = -Distributions.normalQuantile((1 - confidence) / 2)
    return Self.trials(critical * standardDeviation / (mean - threshold))
  }

  /// The size of a difference that is detected with this power, in standard errors.
  ///
  /// Source: Chow, Shao and Wang 2008, "Sample Size Calculations in Clinical Research", section 3.1.
  private static func reach(_ significance: Double, _ power: Double) -> Double {
    Distributions.normalQuantile(power) - Distributions.normalQuantile(significance / 2)
  }

  private static func trials(_ root: Double) -> Int? {
    let trials = (root * root).rounded(.up)
    return trials <= 1e15 ? max(2, Int(trials)) : nil
  }
}
