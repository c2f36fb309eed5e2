/// One of `count` parts of a measurement that several runs share.
///
/// Each part is a range of consecutive items. So work that neighbours share (a prompt's passes, a
/// subject's opening) is done by one run, and the rows of all parts, one part after the other, are
/// in the order of the whole.
public struct Shard: Sendable, Equatable, Codable {
  /// Which part, from 0.
  public let index: Int
  /// How many parts there are, at least two.
  public let count: Int

  /// The most parts that a measurement may have.
  public static let mostParts = 10_000

  /// Part `index` of `count`; `nil` if these are out of range.
  public init?(index: Int, count: Int) {
    guard (2...Self.mostParts).contains(count), (0..<count).contains(index) else { return nil }
    (self.index, self.count) = (index, count)
  }

  /// The items of this part, out of `total`.
  public func range(of total: Int) -> Range<Int> {
    (total * index / count)..<(total * (index + 1) / count)
  }

  /// The part of a result's name, such as `shard0of4`.
  public var label: String { "shard\(index)of\(count)" }
}

extension Shard: LosslessStringConvertible {
  /// The part as a user gives it: `0/4`.
  public var description: String { "\(index)/\(count)" }

  /// The part that a text such as `0/4` names, or `nil`.
  public init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(index: index, count: count)
  }
}

/// Thrown once all rows of a shard are there, because the rest of `measure` is about all rows.
struct ShardIsMeasured: Error {
  /// Items of the whole measurement.
  let itemCount: Int
}
