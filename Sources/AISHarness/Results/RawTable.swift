/// A row of a raw table beside an experiment's main rows, such as a timed pair.
///
/// Raw tables are journaled row by row like the main rows. An experiment lists its own in `rawTables`.
public protocol RawRow: ResultRow {
  /// The table's name in files, in `snake_case`.
  static var tableName: String { get }
}

extension RawRow {
  /// The empty table of these rows.
  static var emptyTable: DerivedTable {
    DerivedTable(tableName, title: "", rows: [Self](), isShown: false)
  }
}
