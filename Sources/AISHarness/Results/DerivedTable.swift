/// A table computed from the rows, for pages and figures.
///
/// It is stored in the result file beside the rows, so pages and figures need neither the rows'
/// type nor the code that computed it.
public struct DerivedTable: Sendable, Equatable, Codable {
  /// The name in files, in `snake_case`.
  public let name: String
  /// The heading on the page.
  public let title: String
  /// Whether the page prints it; a hidden table is still stored, compared and drawn.
  public let isShown: Bool
  /// The columns, in the order in which they are shown.
  public let columns: [ColumnDescription]
  /// The rows, one value for each column.
  public internal(set) var rows: [[ColumnValue]]

  /// The table `name` of typed rows.
  public init<Row: ResultRow>(_ name: String, title: String, rows: [Row], isShown: Bool = true) {
    self.init(
      name: name, title: title, isShown: isShown, columns: Row.columns.map(\.column),
      rows: rows.map(\.values))
  }

  init(
    name: String, title: String, isShown: Bool, columns: [ColumnDescription],
    rows: [[ColumnValue]]
  ) {
    self.name = name
    self.title = title
    self.isShown = isShown
    self.columns = columns
    self.rows = rows
  }

  /// The table without the columns for which `isUnneeded` returns true.
  func dropping(_ isUnneeded: (ColumnDescription, [ColumnValue]) -> Bool) -> DerivedTable {
    let kept = columns.indices.filter { place in !isUnneeded(columns[place], rows.map { $0[place] })
    }
    return DerivedTable(
      name: name, title: title, isShown: isShown, columns: kept.map { columns[$0] },
      rows: rows.map { row in kept.map { row[$0] } })
  }

  /// The column called `name` and its values, or `nil` if there is none.
  func column(_ name: String) -> (column: ColumnDescription, values: [ColumnValue])? {
    guard let index = columns.firstIndex(where: { $0.name == name }) else { return nil }
    return (columns[index], rows.map { $0[index] })
  }

  /// The rows as typed values again.
  ///
  /// Throws `ResultError` naming `file` if the columns aren't `Row`'s.
  func typedRows<Row: ResultRow>(_ type: Row.Type, file: String) throws -> [Row] {
    if let difference = StoredResult.difference(from: columns, to: Row.columns.map(\.column)) {
      throw ResultError(file: file, problem: "table \(name): \(difference)")
    }
    let typed = rows.compactMap { Row(values: $0) }
    guard typed.count == rows.count else {
      throw ResultError(
        file: file, problem: "table \(name): values of other kinds than its columns")
    }
    return typed
  }
}
