import AISHarness

/// The speed of one variant of one phase at one batch size.
struct Speed {
  /// The first of its prompts' rows.
  let first: Exp022.Row
  let comparison: TimingComparison
  /// How much faster it would be if every block's time were shared out by the tokens that run it.
  let depthIdeal: Double
  /// The measured speed-up over that.
  let depthEfficiency: Estimate
  /// How much faster the blocks that run would be at the machine's ceilings.
  private let workIdeal: Double
  private let rows: [Exp022.Row]

  /// `nil` if it was not timed.
  init?(_ rows: [Exp022.Row], _ evidence: Evidence<Exp022.Row>) {
    guard let first = rows.first, let comparison = evidence.comparison(first.name) else {
      return nil
    }
    (self.first, self.comparison, self.rows) = (first, comparison, rows)
    depthIdeal = evidence.idealSpeedup(Self.sharedWork(first.name)) ?? .nan
    depthEfficiency = comparison.efficiency(ofIdeal: depthIdeal)
    workIdeal = evidence.idealSpeedup(first.name) ?? .nan
  }

  /// The name under which work is kept as if every block's time were shared out by the tokens that
  /// run it.
  static func sharedWork(_ comparison: String) -> String { comparison + "_shared" }

  private func sum(_ path: KeyPath<Exp022.Row, Int>) -> Double {
    Double(rows.reduce(0) { $0 + $1[keyPath: path] })
  }

  /// Every prompt's row has its batch's counts.
  private func batchSum(_ path: KeyPath<Exp022.Row, Int>) -> Int {
    Int(sum(path)) / max(first.batch, 1)
  }

  /// Requests or tokens in a second.
  private func rate(_ milliseconds: Double) -> Double {
    let isPrefill = first.phase == PassWorkload.Phase.prefill.rawValue
    let results = Double(first.batch * (isPrefill ? 1 : GivenText.stretchSteps))
    return results / milliseconds * 1_000
  }

  static var cells: [Cells<Speed>] {
    [
      .cell(
        "phase",
        "prefill: prompts; decode: given tokens; both with a last token that runs every layer",
        \.first.phase),
      .cell("batch", "sequences", \.first.batch),
      .cell("variant", "which tokens exit where", \.first.variant),
      .cell(
        "exit_rate", "share of the routed tokens that exited, counted", .share(within: 0.05)
      ) { $0.sum(\.exited) / $0.sum(\.tokens) },
      .cell(
        "mean_depth", "blocks run for a routed token, counted",
        .decimals(2, within: 0.5, unit: "layers")
      ) { $0.sum(\.executedLayers) / $0.sum(\.tokens) },
      .cell(
        "pass_depth", "blocks run for any token of a pass, counted",
        .decimals(2, within: 0.5, unit: "layers")
      ) { $0.sum(\.passLayers) / $0.sum(\.passes) },
      .cell(
        "computed_row_layers", "tokens × blocks computed, tokens that had exited included",
        .relative(0.05)
      ) { $0.batchSum(\.computedRowLayers) },
      .cell(
        "filled_row_layers", "tokens × layers of which keys and values alone were computed",
        .relative(0.1)
      ) { $0.batchSum(\.filledRowLayers) },
      .cell(
        "full", "median time of a stretch, full model", .unchecked(unit: "ms"),
        \.comparison.baselineMilliseconds),
      .cell(
        "exit", "median time with token exit", .unchecked(unit: "ms"),
        \.comparison.variantMilliseconds),
      .cell(
        "full_rate", "requests (prefill) or tokens (decode), full", .unchecked(1, unit: "1/s")
      ) { $0.rate($0.comparison.baselineMilliseconds) },
      .cell("rate", "the same with token exit", .unchecked(1, unit: "1/s")) {
        $0.rate($0.comparison.variantMilliseconds)
      },
      .estimate(
        "speedup", "full over exit, median of the pairs' ratios", .unchecked(3),
        \.comparison.speedup),
      .cell(
        "depth_ideal", "speed-up were every block's time shared out by the tokens that run it",
        .unchecked(3), \.depthIdeal),
      .estimate("depth_efficiency", "speed-up over that", .unchecked(3), \.depthEfficiency),
      .cell(
        "work_ideal",
        "speed-up of the blocks that run at the machine's ceilings: weights are read once a pass, "
          + "for however many tokens; routers and fills count as no work", .unchecked(3),
        \.workIdeal),
      .cell("work_efficiency", "speed-up over that", .unchecked(3)) {
        $0.comparison.speedup.value / $0.workIdeal
      },
    ]
  }
}
