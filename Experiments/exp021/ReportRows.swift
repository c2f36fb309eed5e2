import AISHarness

/// The exits at one threshold.
struct ExitLine: ResultRow {
  var setting = ""
  var tokens = 0
  var rate = EstimateCells()
  var designEffect = Double.nan
  var places = ""
  var scoredRate = 0.0
  var depth = 0.0
  var saved = 0.0
  var wasted = 0.0
  var filled = 0.0

  static let columns = Column<ExitLine>.list(
    [
      Column("setting", \.setting, "the threshold, or oracle"),
      Column("tokens", \.tokens, "tokens after the chat template's opening"),
    ],
    Column.estimate(
      "exit_rate", \.rate, "share of them that exited; prompts are the clusters",
      compare: .absolute(0.02), show: .percent(1)),
    [
      Column(
        "design_effect", \.designEffect, "variance of the exit rate, prompts over single tokens",
        compare: .relative(0.5), show: .decimals(1)),
      Column("where", \.places, "layers after which they exited", compare: .ignored),
      Column.share(
        "scored_exit_rate", \.scoredRate, "share that would exit on the full model's states"),
      Column(
        "mean_depth", \.depth, "blocks computed for a token, mean", compare: .absolute(0.2),
        show: .decimals(2)),
      Column.share("saved", \.saved, "rows times blocks of the pass that were not computed"),
      Column.share(
        "wasted", \.wasted, "rows times blocks computed for rows that had exited, besides"),
      Column.share(
        "filled", \.filled, "rows times blocks of which keys and values were still computed"),
    ])
}

/// The quality of predictions at one threshold, or in another number format.
struct QualityLine: ResultRow {
  var setting = ""
  var prompts = 0
  var agreement = EstimateCells()
  var exited = EstimateCells()
  var scored = 0.0
  var kl = EstimateCells()
  var last = EstimateCells()
  var identical = 0

  static let columns = Column<QualityLine>.list(
    [
      Column(
        "setting", \.setting,
        "the threshold, oracle, or the full model in another number format (placebo)"),
      Column("prompts", \.prompts, "prompts of the test split"),
    ],
    Column.share(
      "top1_agreement", \.agreement, "tokens with the full model's most probable next token"),
    Column.share("exited_agreement", \.exited, "the same of tokens that exited"),
    [
      Column(
        "scored_agreement", \.scored, "agreement if exits only chose the output, layers all run",
        compare: .absolute(0.02), show: .percent(1))
    ],
    Column.estimate(
      "kl_base_exit", \.kl, unit: "nats", "mean KL(base‖exit) of the next token",
      compare: .absolute(0.02), show: .decimals(3)),
    Column.share("last_agreement", \.last, "prompts whose last position has the same token"),
    [Column("identical", \.identical, "prompts without a differing bit", compare: .absolute(2))])
}

/// A point of the curves over the threshold.
struct CurvePoint: ResultRow {
  var what = ""
  var threshold = 0.0
  var share = EstimateCells()

  static let columns = Column<CurvePoint>.list(
    [
      Column("what", \.what, "whose share"), Column("threshold", \.threshold, "the threshold"),
    ],
    Column.estimate(
      "share", \.share, "share of tokens", compare: .absolute(0.02), show: .percent(1)))
}

/// A point of the trade-off: agreement at a mean depth.
struct TradeOffPoint: ResultRow {
  var what = ""
  var setting = ""
  var depth = 0.0
  var agreement = EstimateCells()

  static let columns = Column<TradeOffPoint>.list(
    [
      Column("what", \.what, "who decides which tokens exit"),
      Column("setting", \.setting, "the threshold, oracle, or the other number format"),
      Column("mean_depth", \.depth, "blocks computed for a token", compare: .absolute(0.2)),
    ],
    Column.estimate(
      "agreement", \.agreement, "top-1 agreement", compare: .absolute(0.02), show: .percent(1)))
}

/// How many tokens exit after one layer.
struct PlaceRow: ResultRow {
  var setting = ""
  var layer = 0
  var share = 0.0

  static let columns: [Column<PlaceRow>] = [
    Column("setting", \.setting, "the threshold, or oracle"),
    Column("layer", \.layer, "the layer after which tokens exit"),
    Column(
      "share", \.share, "share of tokens", compare: .absolute(0.02), show: .percent(1)),
  ]
}
