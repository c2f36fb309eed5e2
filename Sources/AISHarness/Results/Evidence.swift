import AISKit

/// Everything that a run measured: all that its page, its figures and its verdicts are computed from.
///
/// A result file holds it, so a mended statistic needs no model.
public struct Evidence<Row: ResultRow>: Sendable {
  /// The main rows, in the order in which they were made.
  public var rows: [Row]
  /// Raw tables beside them, by name.
  var raw: [String: DerivedTable] = [:]
  /// Figures about the whole run that no row holds, such as the number of layers.
  public var facts: [SummaryValue]
  /// Raw repeat times by name, in seconds, of work that is not compared in pairs.
  public var timings: [String: [Double]]
  /// The number format of the computation.
  public var computeType: ComputeType
  /// The run's parameters, by name.
  public var parameters: [String: String]

  /// Evidence from its parts.
  public init(
    rows: [Row] = [], facts: [SummaryValue] = [], timings: [String: [Double]] = [:],
    computeType: ComputeType = .f32, parameters: [String: String] = [:]
  ) {
    self.rows = rows
    self.facts = facts
    self.timings = timings
    self.computeType = computeType
    self.parameters = parameters
  }

  /// The rows of a raw table, in the order in which they were made; empty if there are none.
  public func rows<Other: RawRow>(of type: Other.Type) -> [Other] {
    raw[Other.tableName]?.rows.compactMap { Other(values: $0) } ?? []
  }

  /// Adds rows to a raw table.
  public mutating func add<Other: RawRow>(_ rows: [Other]) {
    add(rows.map(\.values), to: Other.emptyTable)
  }

  /// Keeps a fact; one of the same name is replaced.
  public mutating func note(_ fact: SummaryValue) {
    facts.removeAll { $0.column.name == fact.column.name }
    facts.append(fact)
  }

  mutating func add(_ rows: [[ColumnValue]], to table: DerivedTable) {
    raw[table.name, default: table].rows += rows
  }

  /// A fact as a number, truth as 0 or 1; `nil` if there is none of this name.
  public func number(_ name: String) -> Double? {
    facts.first { $0.column.name == name }?.value.number
  }

  /// A fact as text; `nil` if there is none of this name, or it is a number.
  public func text(_ name: String) -> String? {
    guard case .text(let text)? = facts.first(where: { $0.column.name == name })?.value else {
      return nil
    }
    return text
  }

  /// The comparison of a name, from all processes that timed it; `nil` if none did.
  public func comparison(_ name: String) -> TimingComparison? {
    TimingComparison(rows(of: TimedPair.self).filter { $0.comparison == name })
  }

  /// The machine's ceilings: the best that any process saw; `nil` if none measured them.
  public var ceiling: MachineCeiling? {
    let measured = rows(of: TimingProcess.self).filter { !$0.ceiling.isEmpty }
    if measured.isEmpty { return nil }
    let best = Dictionary(measured.map { ($0.ceiling, $0.rate) }, uniquingKeysWith: max)
    return MachineCeiling(
      readGigabytesPerSecond: best[TimingProcess.reading] ?? 0,
      gemmGigaflops: Dictionary(
        best.compactMap { name, rate in ComputeType(rawValue: name).map { ($0, rate) } },
        uniquingKeysWith: max))
  }
}

extension StoredResult {
  /// What the result's run measured, with typed rows.
  ///
  /// Throws `ResultError` naming `file` if a table's columns are not those of its rows' type.
  package func evidence<Row: ResultRow>(
    of type: Row.Type = Row.self, raw types: [any RawRow.Type], file: String
  ) throws -> Evidence<Row> {
    if let difference = Self.difference(from: columns, to: Row.columns.map(\.column)) {
      throw ResultError(file: file, problem: difference)
    }
    let typed = rows.compactMap { Row(values: $0) }
    guard typed.count == rows.count else {
      throw ResultError(file: file, problem: "rows hold values of other kinds than their columns")
    }
    var evidence = Evidence(
      rows: typed, facts: facts, timings: timings,
      computeType: ComputeType(rawValue: provenance.dtype) ?? .f32,
      parameters: provenance.parameters)
    for table in raw {
      if let type = types.first(where: { $0.tableName == table.name }) {
        try table.check(type, file: file)
      }
      evidence.raw[table.name] = table
    }
    return evidence
  }
}

extension DerivedTable {
  fileprivate func check<Row: RawRow>(_ type: Row.Type, file: String) throws {
    _ = try typedRows(type, file: file)
  }
}
