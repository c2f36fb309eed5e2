import Foundation

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
}

/// A quantity computed from a sample, with its confidence interval.
public struct Estimate: Sendable, Equatable {
  /// The quantity, computed from the sample itself.
  public let value: Double
  /// Its confidence interval.
  public let interval: Interval
  /// How many observations it rests on.
  public let count: Int

  /// An estimate from its parts.
  public init(value: Double, interval: Interval, count: Int) {
    self.value = value
    self.interval = interval
    self.count = count
  }
}
