/// What moved between two results, by each column's own rule.
///
/// Rows are compared in order. Raw times are not compared; provenance is listed but decides
/// nothing, because two results of different commits that agree are what a diff is run to see.
public struct ResultDiff: Sendable, Equatable {
  /// What lies outside the rules, a line each.
  public let differences: [String]
  /// What differs in provenance, a line each.
  public let notes: [String]

  /// Whether both results are the same within the columns' rules.
  public var isEqual: Bool { differences.isEmpty }

  /// Compares `second` with `first`, whose rules hold.
  public init(_ first: StoredResult, _ second: StoredResult) {
    var lines = Self.verdicts(first.provenance, second.provenance)
    if first.rows.count != second.rows.count {
      lines.append("rows: \(first.rows.count) → \(second.rows.count)")
    }
    lines += Self.rows(first, second)
    lines += Self.summary(first.summary, second.summary)
    self.differences = lines
    self.notes = Self.provenance(first.provenance, second.provenance)
  }

  /// All lines for a terminal, differences first.
  public var text: String {
    let head = isEqual ? ["equal within the columns' rules"] : differences
    return (head + notes.map { "note: \($0)" }).joined(separator: "\n")
  }

  /// Whether two values are the same by `rule`.
  static func agree(_ a: ColumnValue, _ b: ColumnValue, _ rule: Comparison) -> Bool {
    if a == b || rule == .ignored { return true }
    guard let x = a.number, let y = b.number, x.isFinite, y.isFinite else { return false }
    switch rule {
    case .exact, .ignored: return false
    case .absolute(let tolerance): return (x - y).magnitude <= tolerance
    case .relative(let tolerance):
      return (x - y).magnitude <= tolerance * max(x.magnitude, y.magnitude)
    }
  }

  private static func rows(_ first: StoredResult, _ second: StoredResult) -> [String] {
    var lines: [String] = []
    let places = Dictionary(
      second.columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, column) in first.columns.enumerated() {
      guard let other = places[column.name] else {
        lines.append("\(column.name): column is gone")
        continue
      }
      var moved: [(row: Int, from: ColumnValue, to: ColumnValue)] = []
      for (row, (old, new)) in zip(first.rows, second.rows).enumerated()
      where !agree(old[index], new[other], column.comparison) {
        moved.append((row, old[index], new[other]))
      }
      guard let worst = moved.max(by: { distance($0.from, $0.to) < distance($1.from, $1.to) })
      else { continue }
      lines.append(
        "\(column.name): \(moved.count) of \(min(first.rows.count, second.rows.count)) rows, "
          + "most in row \(worst.row): \(text(worst.from)) → \(text(worst.to)) "
          + "(\(column.comparison))")
    }
    let names = Set(first.columns.map(\.name))
    for column in second.columns where !names.contains(column.name) {
      lines.append("\(column.name): column is new")
    }
    return lines
  }

  private static func summary(_ first: [SummaryValue], _ second: [SummaryValue]) -> [String] {
    var lines: [String] = []
    for figure in first {
      let column = figure.column
      guard let other = second.first(where: { $0.column.name == column.name }) else {
        lines.append("summary \(column.name): is gone")
        continue
      }
      if !agree(figure.value, other.value, column.comparison) {
        lines.append(
          "summary \(column.name): \(text(figure.value)) → \(text(other.value)) "
            + "(\(column.comparison))")
      }
    }
    let names = Set(first.map(\.column.name))
    for figure in second where !names.contains(figure.column.name) {
      lines.append("summary \(figure.column.name): is new")
    }
    return lines
  }

  private static func verdicts(_ first: Provenance, _ second: Provenance) -> [String] {
    let complete = ["unfinished", "complete"]
    let pairs = [
      ("experiment", first.experiment, second.experiment),
      ("verdict", first.verdict?.description ?? "none", second.verdict?.description ?? "none"),
      ("run", complete[first.isComplete ? 1 : 0], complete[second.isComplete ? 1 : 0]),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) → \($0.2)" }
  }

  private static func provenance(_ first: Provenance, _ second: Provenance) -> [String] {
    let names = Set(first.parameters.keys).union(second.parameters.keys).sorted()
    let pairs =
      [
        ("git_commit", first.gitCommit, second.gitCommit),
        ("model_sha256", first.modelSHA256, second.modelSHA256),
        ("data_sha256", first.dataSHA256, second.dataSHA256),
        ("dtype", first.dtype, second.dtype),
        ("seed", "\(first.seed)", "\(second.seed)"),
        ("threads", "\(first.threads)", "\(second.threads)"),
        ("cpu_model", first.cpuModel, second.cpuModel),
        ("isa", first.isa, second.isa),
      ]
      + names.map { ($0, first.parameters[$0] ?? "unset", second.parameters[$0] ?? "unset") }
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) → \($0.2)" }
  }

  private static func distance(_ a: ColumnValue, _ b: ColumnValue) -> Double {
    guard let x = a.number, let y = b.number else { return .infinity }
    let distance = (x - y).magnitude
    return distance.isNaN ? .infinity : distance
  }

  private static func text(_ value: ColumnValue) -> String {
    switch value {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .truth(let value): "\(value)"
    case .text(let value): "\"\(value.count > 60 ? value.prefix(60) + "…" : value)\""
    }
  }
}
