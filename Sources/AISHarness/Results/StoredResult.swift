/// A result as a file holds it: everything a page or a diff needs, without the row's Swift type.
public struct StoredResult: Sendable, Equatable {
  /// Where it comes from, and how it ended.
  public var provenance: Provenance
  /// The columns, in the order in which they are shown.
  public var columns: [ColumnDescription]
  /// The rows, one value a column.
  public var rows: [[ColumnValue]]
  /// Figures about the whole run.
  public var summary: [SummaryValue]
  /// Raw repeat times by name, in seconds.
  public var timings: [String: [Double]]
  /// Tables computed from the rows.
  public var tables: [DerivedTable]
  /// Pictures of those tables.
  public var figures: [Figure]
  /// Whether the page prints the rows.
  public var showsRows: Bool

  /// A result from its parts.
  public init(
    provenance: Provenance, columns: [ColumnDescription], rows: [[ColumnValue]],
    summary: [SummaryValue] = [], timings: [String: [Double]] = [:],
    tables: [DerivedTable] = [], figures: [Figure] = [], showsRows: Bool = true
  ) {
    self.provenance = provenance
    self.columns = columns
    self.rows = rows
    self.summary = summary
    self.timings = timings
    self.tables = tables
    self.figures = figures
    self.showsRows = showsRows
  }

  /// The table with typed rows, for judging again.
  ///
  /// Throws `ResultError` naming `file` if the columns aren't `Row`'s.
  public func table<Row: ResultRow>(
    of type: Row.Type = Row.self, file: String
  ) throws -> ResultTable<Row> {
    let expected = Row.columns.map(\.column)
    if let difference = Self.difference(from: columns, to: expected) {
      throw ResultError(file: file, problem: difference)
    }
    let typed = rows.compactMap { Row(values: $0) }
    guard typed.count == rows.count else {
      throw ResultError(file: file, problem: "rows hold values of other kinds than their columns")
    }
    return ResultTable(
      rows: typed, summary: summary, timings: timings, tables: tables, figures: figures,
      showsRows: showsRows)
  }

  /// The first difference in name or kind between stored and expected columns, or `nil`.
  static func difference(
    from stored: [ColumnDescription], to expected: [ColumnDescription]
  ) -> String? {
    let (found, wanted) = (stored.map(\.signature), expected.map(\.signature))
    guard found != wanted else { return nil }
    let place = zip(found, wanted).prefix { $0 == $1 }.count
    let (now, then) = (wanted.dropFirst(place).first, found.dropFirst(place).first)
    return "column \(place): expected \(now ?? "no more"), found \(then ?? "no more")"
  }
}

extension ColumnDescription {
  fileprivate var signature: String { "\(name) (\(kind.rawValue))" }
}
