import AISHarness

extension Exp022 {
  /// One variant of one phase at one batch size.
  struct Row: ResultRow {
    var phase = ""
    var batch = 0
    var variant = ""
    var exitRate = 0.0
    var meanDepth = 0.0
    var passDepth = 0.0
    var computedRowLayers = 0
    var filledRowLayers = 0
    var fullMilliseconds = 0.0
    var exitMilliseconds = 0.0
    var fullRate = 0.0
    var rate = 0.0
    var speedup = 0.0
    var speedupLower = 0.0
    var speedupUpper = 0.0
    var depthIdeal = 0.0
    var depthEfficiency = 0.0
    var depthEfficiencyLower = 0.0
    var depthEfficiencyUpper = 0.0
    var workIdeal = 0.0
    var workEfficiency = 0.0

    /// The name of the raw times.
    var timingName: String {
      "\(phase)_\(batch)_\(variant.replacing(", ", with: "_").replacing(" ", with: "_"))"
    }

    static let columns: [Column<Row>] = [
      Column(
        "phase", \.phase,
        "prefill: prompts; decode: given tokens; both with a last token that runs every layer"),
      Column("batch", \.batch, "sequences"),
      Column("variant", \.variant, "who leaves where"),
      Column(
        "exit_rate", \.exitRate, "share of the tokens that left, counted",
        compare: .absolute(0.02), show: .percent(1)),
      Column(
        "mean_depth", \.meanDepth, unit: "layers", "blocks run for a token, counted",
        compare: .absolute(0.2), show: .decimals(2)),
      Column(
        "pass_depth", \.passDepth, unit: "layers", "blocks run for any token of a pass, counted",
        compare: .absolute(0.5), show: .decimals(2)),
      Column(
        "computed_row_layers", \.computedRowLayers,
        "rows × blocks computed, rows that had left included", compare: .relative(0.05)),
      Column(
        "filled_row_layers", \.filledRowLayers,
        "rows × layers of which keys and values alone were computed", compare: .relative(0.1)),
      timing("full", \.fullMilliseconds, "ms", "median time of the full model", 2),
      timing("exit", \.exitMilliseconds, "ms", "median time with token exit", 2),
      timing("full_rate", \.fullRate, "1/s", "requests (prefill) or tokens (decode), full", 1),
      timing("rate", \.rate, "1/s", "the same with token exit", 1),
      timing("speedup", \.speedup, "", "full over exit, medians", 3),
      timing("speedup_lower", \.speedupLower, "", "lower end of its 95 % interval", 3),
      timing("speedup_upper", \.speedupUpper, "", "upper end of its 95 % interval", 3),
      timing(
        "depth_ideal", \.depthIdeal, "",
        "speed-up were every block's time shared out by the tokens that run it", 3),
      timing("depth_efficiency", \.depthEfficiency, "", "speed-up over that", 3),
      timing(
        "depth_efficiency_lower", \.depthEfficiencyLower, "", "lower end of its 95 % interval", 3),
      timing(
        "depth_efficiency_upper", \.depthEfficiencyUpper, "", "upper end of its 95 % interval", 3),
      timing(
        "work_ideal", \.workIdeal, "",
        "speed-up of the blocks left at the machine's ceilings: weights are read once a pass, for "
          + "however many rows; routers and fills count as no work", 3),
      timing("work_efficiency", \.workEfficiency, "", "speed-up over that", 3),
    ]

    private static func timing(
      _ name: String, _ path: WritableKeyPath<Row, Double> & Sendable, _ unit: String,
      _ description: String, _ digits: Int
    ) -> Column<Row> {
      Column(name, path, unit: unit, description, compare: .ignored, show: .decimals(digits))
    }
  }
}
