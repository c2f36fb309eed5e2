/// One figure about a whole run.
public struct SummaryValue: Sendable, Equatable, Codable {
  /// Its name, unit and meaning.
  public let column: ColumnDescription
  /// The figure.
  public let value: ColumnValue
  /// Its 95 % interval, in the figure's own unit; `nil` if it has none.
  public let interval: Interval?

  /// The figure `name`.
  public init<Value: ColumnScalar>(
    _ name: String, _ value: Value, in interval: Interval? = nil, unit: String = "",
    _ description: String, compare comparison: Comparison = .exact,
    show presentation: Presentation = .automatic
  ) {
    self.column = ColumnDescription(
      name: name, kind: Value.columnKind, unit: unit, description: description,
      comparison: comparison, presentation: presentation)
    self.value = value.columnValue
    self.interval = interval
  }

  init(column: ColumnDescription, value: ColumnValue, interval: Interval?) {
    self.column = column
    self.value = value
    self.interval = interval
  }
}

/// A run's outcome: rows, figures about all of them, raw repeat times, tables, pictures.
public struct ResultTable<Row: ResultRow>: Sendable {
  /// The rows, in the order in which they were made.
  public var rows: [Row]
  /// Figures about the whole run.
  public var summary: [SummaryValue]
  /// Raw repeat times by name, in seconds.
  public var timings: [String: [Double]]
  /// Tables computed from the rows.
  public var tables: [DerivedTable]
  /// Pictures of those tables.
  public var figures: [Figure]
  /// Whether the page prints the rows; with thousands of rows it shows derived tables instead.
  public var showsRows: Bool

  /// A table from its parts.
  public init(
    rows: [Row] = [], summary: [SummaryValue] = [], timings: [String: [Double]] = [:],
    tables: [DerivedTable] = [], figures: [Figure] = [], showsRows: Bool = true
  ) {
    self.rows = rows
    self.summary = summary
    self.timings = timings
    self.tables = tables
    self.figures = figures
    self.showsRows = showsRows
  }

  /// The figure about the whole run called `name`, truth as 0 or 1; `nil` if there is none.
  public func number(_ name: String) -> Double? {
    summary.first { $0.column.name == name }?.value.number
  }

  /// The table as a stored result, with its provenance and without the row's type.
  public func stored(_ provenance: Provenance) -> StoredResult {
    StoredResult(
      provenance: provenance, columns: Row.columns.map(\.column), rows: rows.map(\.values),
      summary: summary, timings: timings, tables: tables, figures: figures,
      showsRows: showsRows)
  }
}
