/// A closed range, such as a confidence interval.
public struct Interval: Sendable, Equatable, Codable {
  /// The smallest value of the range.
  public let lower: Double
  /// The largest value of the range.
  public let upper: Double

  /// A range from its two ends.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// True if the value is in the range, including the ends.
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

  /// Whether both ends are finite.
  var isFinite: Bool { lower.isFinite && upper.isFinite }

  /// The range of a rising or falling function of its values.
  func mapped(_ function: (Double) -> Double) -> Interval {
    let (a, b) = (function(lower), function(upper))
    return a > b ? Interval(lower: b, upper: a) : Interval(lower: a, upper: b)
  }

  /// The smallest range that holds both.
  func joined(_ other: Interval) -> Interval {
    Interval(lower: min(lower, other.lower), upper: max(upper, other.upper))
  }
}
