import AISKit

/// What paired differences could have shown to intervals that are valid at every look.
///
/// Such an interval is wider than one for a fixed number of items, so it needs more of them. Power is
/// that of the normal approximation at the observed standard deviation.
extension PairedDifferences {
  /// The probability that the anytime interval of this many items excludes 0 at a true mean
  /// difference of this size.
  ///
  /// NaN for fewer than two items.
  public func anytimePower(toSee difference: Double, error: Double = 0.05) -> Double {
    Self.power(difference / standardDeviation, count: count, error: error)
  }

  /// The smallest true mean difference that the anytime interval shows with this power.
  ///
  /// NaN for fewer than two items.
  public func anytimeDetectable(error: Double = 0.05, power: Double = 0.8) -> Double {
    let reach =
      StudentMixture.units.width(count: count, error: error) + Distributions.normalQuantile(power)
    return reach * standardDeviation / Double(count).squareRoot()
  }

  /// How many items show a true mean difference with this power, if the standard deviation stays the
  /// same; `nil` if unknown or above 10⁹.
  public func anytimeTrials(
    toDetect difference: Double, error: Double = 0.05, power: Double = 0.8
  ) -> Int? {
    let effect = abs(difference / standardDeviation)
    guard effect > 0 else { return nil }
    func suffices(_ count: Int) -> Bool {
      Self.power(effect, count: count, error: error) >= power
    }
    var high = 2
    while !suffices(high) {
      high *= 2
      if high > 1_000_000_000 { return nil }
    }
    var low = 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if suffices(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// The power to see an effect in standard deviations; the side that it is not on adds nothing.
  private static func power(_ effect: Double, count: Int, error: Double) -> Double {
    let shift = abs(effect) * Double(count).squareRoot()
    return Distributions.normalAtMost(
      shift - StudentMixture.units.width(count: count, error: error))
  }
}
