import AISHarness
import AISKit

/// What the rows say about the claim.
struct ParetoFindings {
  private let table: ResultTable<Exp024.Row>
  /// The same layers with nothing in their place.
  private let hard: Exp024.Row?
  /// As many layers with nothing in their place, where that costs least.
  private let leastHard: Exp024.Row?
  private let best: Exp024.Row?

  init(_ table: ResultTable<Exp024.Row>) {
    self.table = table
    let best = Self.best(table.rows)
    self.best = best
    hard = table.rows.first { $0.kind == Exp024.Kind.hard && $0.isMain }
    leastHard = table.rows.filter {
      $0.kind == Exp024.Kind.hard && $0.layersOut == best?.layersOut
    }.min { $0.kl < $1.kl }
  }

  /// The bridges over the layers that the search found, in the form with the least KL on the prompts that
  /// choose it.
  static func best(_ rows: [Exp024.Row]) -> Exp024.Row? {
    rows.filter { $0.isMain && !$0.validationKL.isNaN }
      .min { $0.validationKL < $1.validationKL }
  }

  var all: [NamedFinding] {
    guard let hard, let leastHard, let best else {
      let missing = Finding.unsettled("the ways were not all measured")
      return ["nearer than hard skip", "near", "as fast"].map { NamedFinding($0, missing) }
    }
    return [
      NamedFinding(
        "nearer than hard skip",
        .atMost(
          "KL over hard skip's, \(leastHard.setting)",
          Estimate(
            value: best.kl / leastHard.kl,
            interval: Interval(
              lower: best.klLower / leastHard.klUpper, upper: best.klUpper / leastHard.klLower),
            count: best.prompts), threshold: Exp024.klShare)),
      NamedFinding(
        "near",
        .atLeast(
          "top-1 agreement",
          Estimate(
            value: best.topOne,
            interval: Interval(lower: best.topOneLower, upper: best.topOneUpper),
            count: best.prompts), threshold: Exp024.agreement)),
      NamedFinding("as fast", fast(best, hard)),
    ]
  }

  private func fast(_ best: Exp024.Row, _ hard: Exp024.Row) -> Finding {
    let counts = ["\(hard.timingName)_prefill_baseline", "\(best.timingName)_beside_hard_baseline"]
      .map { table.timings[$0]?.count ?? 0 }
    let pairs = counts.min() ?? 0
    guard pairs >= Exp024.fewestPairs else {
      return .unsettled("saving: \(pairs) pairs, \(Exp024.fewestPairs) would do")
    }
    return .atLeast(
      "share of hard skip's saving", Self.savingShare(best, hard, pairs: pairs),
      threshold: Exp024.saving)
  }

  /// The time that a bridge saves over that which a hard skip saves.
  ///
  /// Measured are hard skip against the full model and the bridge against hard skip, in turns; the
  /// interval is that of both at their ends.
  static func savingShare(
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
