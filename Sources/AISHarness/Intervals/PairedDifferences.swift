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
}
