/// Which rows move where: row `source` of one buffer becomes row `target` of another.
///
/// The one way to move rows: gather, scatter, compact, snapshot and restore differ by their map alone.
package struct RowMap: Sendable {
  /// Rows that move.
  package let count: Int
  /// On the device, a source and a target for each row; `nil`: the first `count` rows keep their places.
  ///
  /// Shape: [count, 2] Int32.
  package let pairs: (any DeviceBuffer)?

  /// The first rows, each to its own place.
  package static func identity(_ count: Int) -> RowMap { RowMap(count: count, pairs: nil) }

  /// A map whose pairs lie on the device.
  package init(count: Int, pairs: (any DeviceBuffer)?) {
    self.count = count
    self.pairs = pairs
  }

  /// Bytes of a pair on the device.
  package static let pairBytes = 8
}
