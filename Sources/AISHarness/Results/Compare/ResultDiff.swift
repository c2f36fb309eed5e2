/// The differences between two results by each column's own rule, and whether they exceed noise.
///
/// Rows are paired by what identifies them: see `RowPairing`. Raw times and provenance are listed
/// but do not count: a diff is often meant to compare commits or machines. The device counts: two
/// devices compute other digits, so rows of two are never equal.
public struct ResultDiff: Sendable, Equatable {
  /// The differences that the rules do not allow, a line each.
  public let differences: [String]
  /// Other differences, in raw times and provenance, a line each.
  public let notes: [String]

  /// Whether both results are the same within the columns' rules.
  public var isEqual: Bool { differences.isEmpty }

  /// Compares `second` with `first`, a result of the same experiment, by the rules of `first`.
  public init(_ first: StoredResult, _ second: StoredResult) {
    let rows = RowDiff("", (first.columns, first.rows), (second.columns, second.rows))
    let tables = Self.tables(first.tables, second.tables)
    self.differences =
      Self.device(first.provenance, second.provenance)
      + Self.verdicts(first.provenance, second.provenance)
      + rows.lines + Self.summary(first, second) + tables.lines
    self.notes =
      rows.notes + tables.notes + Self.timings(first.timings, second.timings)
      + Self.provenance(first.provenance, second.provenance)
  }

  /// All lines for a terminal, differences first.
  public var text: String {
    let head = isEqual ? ["equal within the columns' rules"] : differences
    return (head + notes.map { "note: \($0)" }).joined(separator: "\n")
  }

  private static func summary(_ first: StoredResult, _ second: StoredResult) -> [String] {
    var lines: [String] = []
    for figure in first.summary {
      let column = figure.column
      guard let other = second.summary.first(where: { $0.column.name == column.name }) else {
        lines.append("summary \(column.name): is gone")
        continue
      }
      if column.comparison.agree(figure.value, other.value) { continue }
      var text =
        "summary \(column.name): \(figure.value.shown) → \(other.value.shown)"
        + "\(column.shownUnit) (\(column.comparison))"
      if let times = first.timings[column.name], let others = second.timings[column.name] {
        text += "; " + Noise.timings(times, others)
      }
      lines.append(text)
    }
    let names = Set(first.summary.map(\.column.name))
    for figure in second.summary where !names.contains(figure.column.name) {
      lines.append("summary \(figure.column.name): is new")
    }
    return lines
  }

  private static func tables(
    _ first: [DerivedTable], _ second: [DerivedTable]
  ) -> (lines: [String], notes: [String]) {
    var (lines, notes): ([String], [String]) = ([], [])
    for table in first {
      guard let other = second.first(where: { $0.name == table.name }) else {
        lines.append("table \(table.name): is gone")
        continue
      }
      let rows = RowDiff(
        "table \(table.name), ", (table.columns, table.rows), (other.columns, other.rows),
        isSample: false)
      lines += rows.lines
      notes += rows.notes
    }
    let names = Set(first.map(\.name))
    lines += second.filter { !names.contains($0.name) }.map { "table \($0.name): is new" }
    return (lines, notes)
  }

  private static func timings(
    _ first: [String: [Double]], _ second: [String: [Double]]
  ) -> [String] {
    first.keys.sorted().compactMap { name in
      guard let before = first[name], let after = second[name], before != after else {
        return nil
      }
      return "timing \(name): \(Noise.timings(before, after))"
    }
  }

  private static func device(_ first: Provenance, _ second: Provenance) -> [String] {
    let (before, after) = (ComputeFacts(of: first).device, ComputeFacts(of: second).device)
    return before == after
      ? [] : ["device: \(before) in A, \(after) in B: rows of two devices are never equal"]
  }

  private static func verdicts(_ first: Provenance, _ second: Provenance) -> [String] {
    let complete = ["unfinished", "complete"]
    let pairs = [
      // Only the word: the reason of an inconclusive one may hold times, which always differ.
      ("verdict", first.verdict?.word ?? "none", second.verdict?.word ?? "none"),
      ("run", complete[first.isComplete ? 1 : 0], complete[second.isComplete ? 1 : 0]),
    ]
    return (pairs + claims(first, second)).filter { $0.1 != $0.2 }
      .map { "\($0.0): \($0.1) → \($0.2)" }
  }

  /// The verdicts on claims besides the first, if both results have them.
  private static func claims(
    _ first: Provenance, _ second: Provenance
  ) -> [(String, String, String)] {
    (first.judgements ?? []).dropFirst().compactMap { judgement in
      let other = second.judgements?.first { $0.claim == judgement.claim }
      return other.map {
        ("verdict on \(judgement.claim)", judgement.verdict.word, $0.verdict.word)
      }
    }
  }

  private static func provenance(_ first: Provenance, _ second: Provenance) -> [String] {
    let names = Set(first.parameters.keys).union(second.parameters.keys).sorted()
    let (before, after) = (ComputeFacts(of: first), ComputeFacts(of: second))
    let libraries = Set(before.libraries.keys).union(after.libraries.keys).sorted()
    let pairs =
      [
        ("git_commit", first.gitCommit, second.gitCommit),
        ("model_sha256", first.modelSHA256, second.modelSHA256),
        ("data_sha256", first.dataSHA256, second.dataSHA256),
        ("dtype", first.dtype, second.dtype),
        ("seed", "\(first.seed)", "\(second.seed)"),
        ("shard", first.shard?.description ?? "none", second.shard?.description ?? "none"),
        ("threads", "\(first.threads)", "\(second.threads)"),
        ("cpu_model", first.cpuModel, second.cpuModel),
        ("isa", first.isa, second.isa),
        ("kernels", before.kernels, after.kernels),
      ]
      + libraries.map {
        ($0, before.libraries[$0] ?? "not named", after.libraries[$0] ?? "not named")
      }
      + names.map { ($0, first.parameters[$0] ?? "unset", second.parameters[$0] ?? "unset") }
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) → \($0.2)" }
  }
}
