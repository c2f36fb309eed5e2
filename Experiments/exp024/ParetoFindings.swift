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
    let pairs = table.timings["\(best.timingName)_beside_hard_baseline"]?.count ?? 0
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

  /// The time that a bridge saves over that which a hard skip saves.
  ///
  /// Measured are hard skip against the full model and the bridge against hard skip, in turns; the
  /// interval is that of both at their ends.
  private static func savingShare(
    _ row: Exp024.Row, _ hard: Exp024.Row, pairs: Int
  ) -> Estimate {
    /// In hard skip's time as the unit: the full model's is `full`, the bridge's 1 / `over`.
    func share(_ over: Double, full: Double) -> Double {
      // A skip that saves nothing has no share.
      full > 1 ? (full - 1 / over) / (full - 1) : .nan
    }
    return Estimate(
      value: share(row.overHard, full: hard.prefill),
      interval: Interval(
        lower: share(row.overHardLower, full: hard.prefillLower),
        upper: share(row.overHardUpper, full: hard.prefillUpper)),
      count: pairs)
  }
}
