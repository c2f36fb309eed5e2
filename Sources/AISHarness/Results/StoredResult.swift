/// A result as a file holds it: everything a page or a diff needs, without the row's Swift type.
public struct StoredResult: Sendable, Equatable {
  /// Where it comes from, and how it ended.
  public var provenance: Provenance
  /// The columns, in the order in which they are shown.
  public var columns: [ColumnDescription]
  /// The rows, one value a column.
  public var rows: [[ColumnValue]]
  /// Raw tables beside the rows.
  public var raw: [DerivedTable]
  /// Figures about the whole run that were measured.
  public var facts: [SummaryValue]
  /// Figures about the whole run that were computed.
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
    raw: [DerivedTable] = [], facts: [SummaryValue] = [], summary: [SummaryValue] = [],
    timings: [String: [Double]] = [:], tables: [DerivedTable] = [], figures: [Figure] = [],
    showsRows: Bool = true
  ) {
    self.provenance = provenance
    self.columns = columns
    self.rows = rows
    self.raw = raw
    self.facts = facts
    self.summary = summary
    self.timings = timings
    self.tables = tables
    self.figures = figures
    self.showsRows = showsRows
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
