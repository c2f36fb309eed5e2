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
      let missing = Finding.open("the ways were not all measured")
      return ["nearer than hard skip", "near", "as fast"].map { NamedFinding($0, missing) }
    }
    return [
      NamedFinding(
        "nearer than hard skip",
        .atMost(
          Estimate(
            value: best.kl / leastHard.kl,
            interval: Interval(
              lower: best.klLower / leastHard.klUpper, upper: best.klUpper / leastHard.klLower),
            count: best.prompts), threshold: Exp024.klShare,
          of: "prompts, against \(leastHard.setting)")),
      NamedFinding(
        "near",
        .atLeast(
          Estimate(
            value: best.topOne,
            interval: Interval(lower: best.topOneLower, upper: best.topOneUpper),
            count: best.prompts), threshold: Exp024.agreement, of: "prompts", show: .percent(1))),
      NamedFinding("as fast", fast(hard)),
    ]
  }

  private func fast(_ hard: Exp024.Row) -> Finding {
    let share = Self.savingShare(hard) { table.timings[$0] ?? [] }
    return .atLeast(
      share, threshold: Exp024.saving, of: "pairs", show: .percent(1), fewest: Exp024.fewestPairs)
  }

  /// The full model's time and the best bridge's in prefill, each in that of the hard skip beside it, pair by
  /// pair.
  static func besideHard(
    _ hard: Exp024.Row, times: (String) -> [Double]
  ) -> (full: [Double], bridge: [Double]) {
    /// A run that was ended between both sides' times has kept more of one: the last belong together.
    func sides(_ name: String) -> Zip2Sequence<ArraySlice<Double>, ArraySlice<Double>> {
      let (baseline, variant) = (times("\(name)_baseline"), times("\(name)_variant"))
      let count = min(baseline.count, variant.count)
      return zip(baseline.suffix(count), variant.suffix(count))
    }
    return (
      sides("\(hard.timingName)_prefill").map { $0 / $1 },
      sides(PointTrial.besideHard).map { $1 / $0 }
    )
  }

  /// The time that the best bridge saves in prefill over that which a hard skip saves.
  ///
  /// With f the full model's time and b the bridge's, both in those of the hard skip that ran beside them,
  /// medians over pairs: (f − b) / (f − 1). Both kinds of pairs are drawn again. A skip that saves nothing has
  /// no saving to share, and 0 stands for that.
  static func savingShare(_ hard: Exp024.Row, times: (String) -> [Double]) -> Estimate {
    let (full, bridge) = besideHard(hard, times: times)
    func share(_ full: [Double], _ bridge: [Double]) -> Double {
      let (full, bridge) = (Bootstrap.median(full), Bootstrap.median(bridge))
      return full > 1 ? (full - bridge) / (full - 1) : 0
    }
    return Bootstrap().estimate(
      counts: (full.count, bridge.count), whole: share(full, bridge)
    ) { first, second in
      share(first.map { full[$0] }, second.map { bridge[$0] })
    }
  }
}
