/// Rows that have something in common, such as their setting.
public struct RowGroup<Key: Hashable, Row> {
  /// What they have in common.
  public let key: Key
  /// The rows, in their order.
  public let rows: [Row]

  /// A group from its parts.
  public init(_ key: Key, _ rows: [Row]) { (self.key, self.rows) = (key, rows) }
}

extension RowGroup: Sendable where Key: Sendable, Row: Sendable {}

extension Sequence {
  /// The rows with equal keys together, groups in the order of their first rows; no group is empty.
  public func grouped<Key: Hashable>(by key: (Element) -> Key) -> [RowGroup<Key, Element>] {
    var order: [Key] = []
    var groups: [Key: [Element]] = [:]
    for row in self {
      let own = key(row)
      if groups[own] == nil { order.append(own) }
      groups[own, default: []].append(row)
    }
    return order.map { RowGroup($0, groups[$0] ?? []) }
  }
}
