/// What a page says about a run, computed from its evidence alone: verdicts, figures, tables, pictures.
public struct Report: Sendable {
  /// The answer in one sentence of at most 25 words that a person can repeat.
  public private(set) var conclusion = ""
  /// What the evidence says about each criterion.
  public private(set) var findings: [NamedFinding] = []
  /// Figures about the whole run.
  public private(set) var summary: [SummaryValue] = []
  /// Tables computed from the rows.
  public private(set) var tables: [DerivedTable] = []
  /// Pictures of those tables.
  public private(set) var figures: [Figure] = []

  /// The most words of a conclusion.
  public static let mostWords = 25

  /// An empty report.
  public init() {}

  /// States the answer in one sentence.
  public mutating func conclude(_ sentence: String) { conclusion = sentence }

  /// Adds what the evidence says about a criterion.
  public mutating func judge(_ name: String, _ finding: Finding) {
    findings.append(NamedFinding(name, finding))
  }

  /// Adds findings.
  public mutating func judge(_ findings: [NamedFinding]) { self.findings += findings }

  /// Adds a figure about the whole run; one of the same name is replaced.
  public mutating func summarize(_ figure: SummaryValue) {
    summary.removeAll { $0.column.name == figure.column.name }
    summary.append(figure)
  }

  /// Adds a figure about the whole run, in a style.
  public mutating func summarize<Value: ColumnScalar>(
    _ name: String, _ value: Value, _ description: String, _ style: ValueStyle = .plain
  ) {
    summarize(SummaryValue(name, value, description, style))
  }

  /// Adds an estimate with its interval as a figure about the whole run; NaN if there is none.
  public mutating func summarize(
    _ name: String, _ estimate: Estimate?, _ description: String, _ style: ValueStyle
  ) {
    summarize(
      SummaryValue(
        name, estimate?.value ?? .nan, in: estimate?.interval, description, style))
  }

  /// Adds a table; one of the same name is replaced.
  public mutating func tabulate(_ table: DerivedTable) {
    tables.removeAll { $0.name == table.name }
    tables.append(table)
  }

  /// Adds a table of typed rows.
  public mutating func tabulate<Row: ResultRow>(
    _ name: String, _ title: String, _ rows: [Row], isShown: Bool = true
  ) {
    tabulate(DerivedTable(name, title: title, rows: rows, isShown: isShown))
  }

  /// Adds a table with a row for each item.
  public mutating func tabulate<Item>(
    _ name: String, _ title: String, _ items: some Sequence<Item>, isShown: Bool = true,
    _ cells: [Cells<Item>]
  ) {
    tabulate(DerivedTable(name, title: title, of: items, isShown: isShown, cells))
  }

  /// Adds a picture of a table; one of the same name is replaced.
  public mutating func draw(_ figure: Figure) {
    figures.removeAll { $0.name == figure.name }
    figures.append(figure)
  }
}

extension StoredResult {
  /// This result with everything that a report computes, and its verdicts.
  func reported(_ report: Report, card: ExperimentCard) -> StoredResult {
    var result = self
    let findings = report.findings.corrected
    let judgements = card.judgements(findings)
    result.provenance.judgements = judgements
    result.provenance.verdict = judgements.first?.verdict
    result.provenance.conclusion = report.conclusion
    // Files of an earlier layout keep facts and computed figures in one place.
    let computed = Set(report.summary.map(\.column.name))
    result.facts.removeAll { computed.contains($0.column.name) }
    result.summary = report.summary
    result.tables = [CriterionOutcome.table(findings, card: card)] + report.tables
    result.figures = report.figures
    result.showsRows = card.showsRows
    return result
  }
}
