/// Pairs of rows: row `source` of one buffer becomes row `target` of another.
///
/// All row moves use it: gather, scatter, compaction, snapshot and restore differ only in their
/// map.
package struct RowMap: Sendable {
  /// The number of pairs.
  package let count: Int
  /// Source and target of each row, on the device; `nil`: the first `count` rows keep their places.
  ///
  /// Shape: [count, 2] Int32.
  package let pairs: (any DeviceBuffer)?

  /// The first `count` rows, each to its own place.
  package static func identity(_ count: Int) -> RowMap { RowMap(count: count, pairs: nil) }

  /// A map whose pairs lie on the device.
  package init(count: Int, pairs: (any DeviceBuffer)?) {
    self.count = count
    self.pairs = pairs
  }

  /// Bytes of a pair on the device.
  package static let pairBytes = 8
}
