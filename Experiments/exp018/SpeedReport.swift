import AISHarness
import AISKit

/// What the page says about speed and quality of each plan.
struct SpeedReport {
  private let evidence: Evidence<Exp018.Row>
  /// In the order of timing: by plan, phase and batch.
  private let speeds: [Speed]
  /// The rows of each plan.
  private let plans: [RowGroup<String, Exp018.Row>]

  init(_ evidence: Evidence<Exp018.Row>) {
    self.evidence = evidence
    speeds = evidence.rows(of: TimedPair.self).grouped(by: \.comparison).compactMap {
      Speed($0.key, evidence)
    }
    plans = Exp018.NamedPlan.names.compactMap { name in
      let rows = evidence.rows.filter { $0.plan == name }
      return rows.isEmpty ? nil : RowGroup(name, rows)
    }
  }

  var report: Report {
    var report = Report()
    report.judge(
      speeds.map {
        NamedFinding(
          "efficiency, \($0.key.plan), \($0.key.phase.rawValue) of \($0.key.batch)",
          .timed($0.efficiency, atLeast: Exp018.efficiency))
      })
    report.conclude(conclusion)
    report.tabulate("quality", "Quality of the plans", plans, qualityCells)
    report.tabulate("speed", "Speed of the plans", speeds, Speed.cells(\.key.plan))
    for phase in PassWorkload.Phase.allCases {
      let name = "\(phase.rawValue)_curve"
      // Labels say what each plan keeps: speed says nothing of quality.
      report.tabulate(
        name, "\(phase.rawValue) by batch size", speeds.filter { $0.key.phase == phase },
        isShown: false, Speed.cells { "\($0.key.plan), keeps \(agreement($0.key.plan))" })
      report.draw(
        .lines(
          "\(phase.rawValue)_speedup",
          "Speed-up of \(phase.rawValue) by batch size, and next tokens kept", of: name, "speedup",
          by: "batch", series: "plan", ideal: "ideal", xLabel: "sequences in the batch",
          yLabel: "speed-up", reference: 1, referenceLabel: "full model", logX: true))
    }
    return report
  }

  private var conclusion: String {
    let ratios = speeds.map(\.comparison.speedup.value)
    guard let least = ratios.min(), let most = ratios.max() else { return "" }
    let range = "\(least.shown(.decimals(1))) to \(most.shown(.decimals(1)))"
    let kept = plans.map { "\(agreement($0.key)) (\($0.key))" }.joined(separator: ", ")
    return "With layers left out \(range) times as fast; of next tokens \(kept) stay."
  }

  /// The share of next tokens that a plan keeps, in words.
  private func agreement(_ plan: String) -> String {
    let rows = evidence.rows.filter { $0.plan == plan }
    return Proportion(of: rows.map(\.topOneAgrees)).rate.shown(.percent(0))
  }

  private var qualityCells: [Cells<RowGroup<String, Exp018.Row>>] {
    [
      .cell("plan", "which plan: the seed's, or the best one found", \.key),
      .cell("layers", "layers left out, and how") { evidence.text("layers_\($0.key)") ?? "" },
      .cell("sink", "whether it leaves out the layer that makes the attention sink") {
        evidence.text("sink_\($0.key)") ?? ""
      },
      .cell("prompts", "test prompts", \.rows.count),
      .estimate("top1_agreement", "the same most probable token", .share) {
        Proportion(of: $0.rows.map(\.topOneAgrees)).estimate
      },
      .estimate(
        "kl_base_skip", "mean KL(base‖skip) of the next token", .nats(within: 1e-2)
      ) { Bootstrap().mean(of: $0.rows.map(\.kl)) },
    ]
  }
}

/// One phase at one batch size under one plan.
struct Speed {
  let key: Exp018.TimedKey
  let comparison: TimingComparison
  /// The speed-up of the work left at the machine's ceilings.
  let ideal: Double
  let efficiency: Estimate
  /// The work with the layers left out.
  private let left: [SideWork]

  /// `nil` if it was not timed.
  init?(_ name: String, _ evidence: Evidence<Exp018.Row>) {
    guard let key = Exp018.TimedKey(name), let comparison = evidence.comparison(name) else {
      return nil
    }
    (self.key, self.comparison) = (key, comparison)
    ideal = evidence.idealSpeedup(name) ?? .nan
    efficiency = comparison.efficiency(ofIdeal: ideal)
    left = evidence.work(name, isVariant: true)
  }

  /// Requests or tokens in a second.
  private func rate(_ milliseconds: Double) -> Double {
    let results = key.batch * (key.phase == .prefill ? 1 : PassWorkload.decodeSteps)
    return Double(results) / milliseconds * 1_000
  }

  static func cells(_ plan: @escaping (Speed) -> String) -> [Cells<Speed>] {
    [
      .cell(
        "phase", "prefill: whole prompts; decode: one token for each sequence", \.key.phase.rawValue
      ),
      .cell("batch", "sequences", \.key.batch),
      .cell("plan", "which plan", plan),
      .cell(
        "full", "median time of the full model", .unchecked(unit: "ms"),
        \.comparison.baselineMilliseconds),
      .cell(
        "left", "median time with the layers left out", .unchecked(unit: "ms"),
        \.comparison.variantMilliseconds),
      .cell(
        "full_rate", "requests (prefill) or tokens (decode), full", .unchecked(1, unit: "1/s")
      ) { $0.rate($0.comparison.baselineMilliseconds) },
      .cell("left_rate", "the same with the layers left out", .unchecked(1, unit: "1/s")) {
        $0.rate($0.comparison.variantMilliseconds)
      },
      .estimate(
        "speedup", "full over left, median of the pairs' ratios", .unchecked(3),
        \.comparison.speedup),
      .cell("ideal", "speed-up of the work left at the machine's ceilings", .unchecked(3), \.ideal),
      .estimate("efficiency", "speed-up over ideal", .unchecked(3), \.efficiency),
      .cell(
        "gflop_per_s", "arithmetic with the layers left out", .unchecked(0, unit: "GFLOP/s")
      ) { $0.left.operations / $0.comparison.variantMilliseconds / 1e6 },
      .cell("gb_per_s", "weights read with the layers left out", .unchecked(1, unit: "GB/s")) {
        $0.left.bytes / $0.comparison.variantMilliseconds / 1e6
      },
    ]
  }
}
