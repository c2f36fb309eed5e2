/// Which rows of two tables are about the same thing.
///
/// Columns are declared with those first that say what a row is about: prompt, plan, layer. So the
/// key is the shortest prefix of the columns compared exactly that identifies every row in both
/// tables. Without such a prefix, rows are paired by order.
struct RowPairing {
  /// The columns that identify a row; `nil` if rows are paired by order.
  let key: [Places]?
  /// The rows that belong together, in the first table's order.
  let pairs: [(first: Int, second: Int)]
  /// Rows without a partner, of the first table.
  let onlyInFirst: [Int]
  /// Rows without a partner, of the second table.
  let onlyInSecond: [Int]
  /// Whether the difference between the two rows of a pair says something.
  ///
  /// It does if they are about the same thing. Of rows paired by order this is taken to be so if
  /// both tables have as many and the same values in their first column compared exactly.
  let isMatched: Bool

  /// The places of a column in both tables.
  typealias Places = (first: Int, second: Int)

  /// A table as a result file holds it.
  typealias Table = (columns: [ColumnDescription], rows: [[ColumnValue]])

  /// Pairs the rows of two tables by the first one's columns and rules.
  init(_ first: Table, _ second: Table) {
    let identities = Self.exactColumns(first.columns, second.columns)
    guard let key = Self.key(identities, first.rows, second.rows) else {
      let shared = min(first.rows.count, second.rows.count)
      self.key = nil
      pairs = (0..<shared).map { ($0, $0) }
      onlyInFirst = Array(shared..<first.rows.count)
      onlyInSecond = Array(shared..<second.rows.count)
      isMatched =
        first.rows.count == second.rows.count
        && identities.prefix(1).allSatisfy { place in
          zip(first.rows, second.rows).allSatisfy { $0[place.first] == $1[place.second] }
        }
      return
    }
    let keys = second.rows.map { row in key.map { row[$0.second] } }
    let places = Dictionary(
      zip(keys, keys.indices), uniquingKeysWith: { earlier, _ in earlier })
    let partners = first.rows.map { row in places[key.map { row[$0.first] }] }
    let taken = Set(partners.compactMap(\.self))
    self.key = key
    pairs = partners.enumerated().compactMap { place, partner in partner.map { (place, $0) } }
    onlyInFirst = partners.indices.filter { partners[$0] == nil }
    onlyInSecond = second.rows.indices.filter { !taken.contains($0) }
    isMatched = true
  }

  /// The columns that are compared exactly and that both tables have, in the first one's order.
  private static func exactColumns(
    _ first: [ColumnDescription], _ second: [ColumnDescription]
  ) -> [Places] {
    first.enumerated().compactMap { place, column in
      guard column.comparison == .exact else { return nil }
      return second.firstIndex { $0.name == column.name && $0.kind == column.kind }
        .map { (place, $0) }
    }
  }

  private static func key(
    _ columns: [Places], _ first: [[ColumnValue]], _ second: [[ColumnValue]]
  ) -> [Places]? {
    func isUnique(_ rows: [[ColumnValue]], _ places: [Int]) -> Bool {
      var seen: Set<[ColumnValue]> = []
      return rows.allSatisfy { row in seen.insert(places.map { row[$0] }).inserted }
    }
    return columns.indices.lazy.map { Array(columns[...$0]) }.first { key in
      isUnique(first, key.map(\.first)) && isUnique(second, key.map(\.second))
    }
  }
}
