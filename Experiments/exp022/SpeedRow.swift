import AISHarness

extension Exp022 {
  /// How far the tokens of one prompt ran, under one variant, in a batch with other prompts.
  struct Row: ResultRow {
    /// The phase in which the routed model writes its own text.
    static let free = "free"

    var phase = ""
    var batch = 0
    var variant = ""
    var prompt = 0
    var category = ""
    var tokens = 0
    var exited = 0
    var exits = ""
    var executedLayers = 0
    var passes = 0
    var passLayers = 0
    var computedRowLayers = 0
    var filledRowLayers = 0

    /// The name of its phase, batch size and variant, as of their comparison.
    var name: String { SpeedItem.name(phase, batch, variant) }
    var key: String { "\(name) \(prompt)" }

    /// Adds routed tokens: the layers after which they exited, and the blocks that ran for them.
    mutating func add(exits layers: some Collection<Int>, layers executed: Int) {
      let counts = ExitCounts(sum: [ExitCounts(text: exits), ExitCounts(layers)])
      (exits, exited) = (counts.text, counts.total)
      tokens += layers.count
      executedLayers += executed
    }

    static let columns: [Column<Row>] = [
      Column("phase", \.phase, phaseMeaning),
      Column("batch", \.batch, "sequences"),
      Column("variant", \.variant, "which tokens exit where"),
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "its category"),
      Column("tokens", \.tokens, "its routed tokens", compare: .absolute(100)),
      Column("exited", \.exited, "those that exited early", compare: .absolute(100)),
      Column("exits", \.exits, "how many exited, layer:tokens", compare: .ignored),
      Column(
        "executed_layers", \.executedLayers, "blocks run for them, all together",
        compare: .relative(0.2)),
      Column("passes", \.passes, "routed passes of the batch that it is in"),
      Column(
        "pass_layers", \.passLayers, "blocks that they ran for any token",
        compare: .relative(0.1)),
      Column(
        "computed_row_layers", \.computedRowLayers,
        "tokens × blocks computed in all of the batch's passes, exited tokens included",
        compare: .relative(0.1)),
      Column(
        "filled_row_layers", \.filledRowLayers,
        "tokens × layers of which keys and values alone were computed", compare: .relative(0.5)),
    ]
  }

  static let phaseMeaning =
    "prefill: prompts; decode: given tokens after prompts that ran in full; free: the exiting "
    + "model's own tokens until its end token, after prompts whose tokens exit too, as in exp023"
}

/// The speed of one variant of one phase at one batch size.
struct SpeedRow: ResultRow {
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
  var speedup = EstimateCells()
  var depthIdeal = 0.0
  var depthEfficiency = EstimateCells()
  var workIdeal = 0.0
  var workEfficiency = 0.0

  /// The name under which work is kept as if every block's time were shared out by the tokens that
  /// run it.
  static func sharedWork(_ comparison: String) -> String { comparison + "_shared" }

  static let columns = Column<SpeedRow>.list(
    [
      Column(
        "phase", \.phase,
        "prefill: prompts; decode: given tokens; both with a last token that runs every layer"),
      Column("batch", \.batch, "sequences"),
      Column("variant", \.variant, "which tokens exit where"),
      Column(
        "exit_rate", \.exitRate, "share of the routed tokens that exited, counted",
        compare: .absolute(0.05), show: .percent(1)),
      Column(
        "mean_depth", \.meanDepth, unit: "layers", "blocks run for a routed token, counted",
        compare: .absolute(0.5), show: .decimals(2)),
      Column(
        "pass_depth", \.passDepth, unit: "layers", "blocks run for any token of a pass, counted",
        compare: .absolute(0.5), show: .decimals(2)),
      Column(
        "computed_row_layers", \.computedRowLayers,
        "tokens × blocks computed, tokens that had exited included", compare: .relative(0.05)),
      Column(
        "filled_row_layers", \.filledRowLayers,
        "tokens × layers of which keys and values alone were computed", compare: .relative(0.1)),
      .timing(
        "full", \.fullMilliseconds, unit: "ms", "median time of a stretch, full model", digits: 2),
      .timing("exit", \.exitMilliseconds, unit: "ms", "median time with token exit", digits: 2),
      .timing(
        "full_rate", \.fullRate, unit: "1/s", "requests (prefill) or tokens (decode), full",
        digits: 1),
      .timing("rate", \.rate, unit: "1/s", "the same with token exit", digits: 1),
    ],
    Column.estimate(
      "speedup", \.speedup, "full over exit, median of the pairs' ratios", compare: .ignored,
      show: .decimals(3)),
    [
      .timing(
        "depth_ideal", \.depthIdeal,
        "speed-up were every block's time shared out by the tokens that run it", digits: 3)
    ],
    Column.estimate(
      "depth_efficiency", \.depthEfficiency, "speed-up over that", compare: .ignored,
      show: .decimals(3)),
    [
      .timing(
        "work_ideal", \.workIdeal,
        "speed-up of the blocks that run at the machine's ceilings: weights are read once a pass, "
          + "for however many tokens; routers and fills count as no work", digits: 3),
      .timing("work_efficiency", \.workEfficiency, "speed-up over that", digits: 3),
    ])
}

/// How many of the routed tokens exit, and how deep they run.
struct ExitLine: ResultRow {
  var phase = ""
  var batch = 0
  var prompts = 0
  var tokens = 0
  var exitRate = EstimateCells()
  var designEffect = 0.0
  var meanDepth = EstimateCells()
  var exits = ""

  static let columns = Column<ExitLine>.list(
    [
      Column("phase", \.phase, Exp022.phaseMeaning),
      Column("batch", \.batch, "sequences"),
      Column("prompts", \.prompts, "prompts of the test split"),
      Column("tokens", \.tokens, "routed tokens", compare: .relative(0.1)),
    ],
    Column.estimate(
      "exit_rate", \.exitRate, "share of them that exited; prompts are resampled",
      compare: .absolute(0.05), show: .percent(1)),
    [
      Column(
        "design_effect", \.designEffect,
        "times the variance of as many independent tokens", compare: .ignored,
        show: .decimals(1))
    ],
    Column.estimate(
      "mean_depth", \.meanDepth, unit: "layers", "blocks run for a token; prompts are resampled",
      compare: .absolute(0.5), show: .decimals(2)),
    [Column("exits", \.exits, "after which layers they exit", compare: .ignored)])
}

/// A variant's description in words.
struct VariantRow: ResultRow {
  var name = ""
  var meaning = ""

  static let columns: [Column<VariantRow>] = [
    Column("variant", \.name, "its name in the rows"),
    Column("meaning", \.meaning, "which tokens exit where"),
  ]
}
