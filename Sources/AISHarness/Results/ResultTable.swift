/// One figure about a whole run.
public struct SummaryValue: Sendable, Equatable, Codable {
  /// Its name, unit and meaning.
  public let column: ColumnDescription
  /// The figure.
  public let value: ColumnValue

  /// The figure `name`.
  public init<Value: ColumnScalar>(
    _ name: String, _ value: Value, unit: String = "", _ description: String,
    compare comparison: Comparison = .exact, show presentation: Presentation = .automatic
  ) {
    self.column = ColumnDescription(
      name: name, kind: Value.columnKind, unit: unit, description: description,
      comparison: comparison, presentation: presentation)
    self.value = value.columnValue
  }

  init(column: ColumnDescription, value: ColumnValue) {
    self.column = column
    self.value = value
  }
}

/// What a run measured: rows, figures about all of them, and raw repeat times.
public struct ResultTable<Row: ResultRow>: Sendable {
  /// The rows, in the order in which they were made.
  public var rows: [Row]
  /// Figures about the whole run.
  public var summary: [SummaryValue]
  /// Raw repeat times by name, in seconds.
  public var timings: [String: [Double]]

  /// A table from its parts.
  public init(
    rows: [Row] = [], summary: [SummaryValue] = [], timings: [String: [Double]] = [:]
  ) {
    self.rows = rows
    self.summary = summary
    self.timings = timings
  }

  /// The figure about the whole run called `name`, truth as 0 or 1; `nil` where there is none.
  public func number(_ name: String) -> Double? {
    summary.first { $0.column.name == name }?.value.number
  }

  /// The table with its provenance, without the row's type.
  public func stored(_ provenance: Provenance) -> StoredResult {
    StoredResult(
      provenance: provenance, columns: Row.columns.map(\.column), rows: rows.map(\.values),
      summary: summary, timings: timings)
  }
}

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

  /// A result from its parts.
  public init(
    provenance: Provenance, columns: [ColumnDescription], rows: [[ColumnValue]],
    summary: [SummaryValue] = [], timings: [String: [Double]] = [:]
  ) {
    self.provenance = provenance
    self.columns = columns
    self.rows = rows
    self.summary = summary
    self.timings = timings
  }

  /// The table with typed rows, for judging again.
  ///
  /// Throws `ResultError` naming `file` where the columns aren't `Row`'s.
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
    return ResultTable(rows: typed, summary: summary, timings: timings)
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
