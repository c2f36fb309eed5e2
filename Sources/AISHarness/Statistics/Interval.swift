import Foundation

/// A closed range that a quantity is believed to lie in.
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

  /// True where the value lies in the range, its ends included.
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// A quantity computed from a sample, with the interval that goes with it.
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
