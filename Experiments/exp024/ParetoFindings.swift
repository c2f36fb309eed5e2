import AISHarness
import AISKit

/// What the rows say about the claim.
struct ParetoFindings {
  private let table: ResultTable<Exp024.Row>
  private let hard: Exp024.Row?
  private let best: Exp024.Row?

  init(_ table: ResultTable<Exp024.Row>) {
    self.table = table
    hard = table.rows.first { $0.kind == Exp024.Kind.hard && $0.isMain }
    best = Self.best(table.rows)
  }

  /// The bridges over the layers that the search found with the least KL.
  static func best(_ rows: [Exp024.Row]) -> Exp024.Row? {
    let kinds = Set(BridgeForm.allCases.map(Exp024.Kind.bridge))
    return rows.filter { kinds.contains($0.kind) && $0.isMain }
      .min { $0.kl < $1.kl }
  }

  var all: [NamedFinding] {
    guard let hard, let best else {
      let missing = Finding.unsettled("the ways were not all measured")
      return ["nearer than hard skip", "near", "as fast"].map { NamedFinding($0, missing) }
    }
    let pairs = table.timings["\(best.timingName)_prefill_baseline"]?.count ?? 0
    return [
      NamedFinding(
        "nearer than hard skip",
        .atMost(
          "KL over hard skip's",
          Estimate(
            value: best.kl / hard.kl,
            interval: Interval(
              lower: best.klLower / hard.klUpper, upper: best.klUpper / hard.klLower),
            count: table.rows.count), threshold: Exp024.klShare)),
      NamedFinding(
        "near",
        .atLeast(
          "top-1 agreement",
          Estimate(
            value: best.topOne,
            interval: Interval(lower: best.topOneLower, upper: best.topOneUpper),
            count: table.rows.count), threshold: Exp024.agreement)),
      NamedFinding(
        "as fast",
        .atLeast(
          "share of hard skip's saving", Self.savingShare(best, hard, pairs: pairs),
          threshold: Exp024.saving)),
    ]
  }

  /// The saving of one over that of another, both measured against the full model; the interval is that
  /// of both at their ends.
  private static func savingShare(
    _ row: Exp024.Row, _ hard: Exp024.Row, pairs: Int
  ) -> Estimate {
    func share(_ own: Double, _ other: Double) -> Double { (1 - 1 / own) / (1 - 1 / other) }
    return Estimate(
      value: share(row.prefill, hard.prefill),
      interval: Interval(
        lower: share(row.prefillLower, hard.prefillUpper),
        upper: share(row.prefillUpper, hard.prefillLower)),
      count: pairs)
  }
}
