import AISHarness
import AISKit

/// The findings about the claim.
struct ParetoFindings {
  private let table: ResultTable<Exp024.Row>
  /// The hard skip of the same layers.
  private let hard: Exp024.Row?
  /// The hard skip of as many layers that costs least.
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

  /// The bridges over the layers that the search found, in the form with the lowest validation KL.
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

  /// The prefill times of the full model and of the best bridge, each divided by that of the hard
  /// skip in the same pair.
  static func besideHard(
    _ hard: Exp024.Row, times: (String) -> [Double]
  ) -> (full: [Double], bridge: [Double]) {
    /// A run killed between both sides has one more time of one side; the last times match.
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

  /// The prefill time that the best bridge saves, over that which a hard skip saves.
  ///
  /// With f the full model's time and b the bridge's, both divided by that of the hard skip in the
  /// same pair, medians over pairs: (f − b) / (f − 1). Both kinds of pairs are resampled. If the
  /// skip saves nothing, the share is 0.
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
