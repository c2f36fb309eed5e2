import AISHarness

/// One checkpoint's exit router.
struct RouterRow: ResultRow {
  var layer = 0
  var rows = 0
  var settled = 0.0
  var epochs = 0
  var trainingLoss = 0.0
  var stoppingLoss = 0.0
  var area = EstimateCells()
  var calibrationError = Double.nan

  static let columns = Column<RouterRow>.list(
    [
      Column("layer", \.layer, "the layer after which it decides"),
      Column("rows", \.rows, "positions that it was trained on"),
      Column(
        "settled", \.settled, "of those, the share that has settled", compare: .absolute(0.01),
        show: .percent(1)),
      Column(
        "epochs", \.epochs, "epochs before the weights that were kept", compare: .absolute(10)),
      number("training_loss", \.trainingLoss, "nats", "mean loss while that epoch was trained"),
      number(
        "stopping_loss", \.stoppingLoss, "nats", "mean loss on the texts that say when to stop"),
    ],
    Column.estimate(
      "auroc", \.area, "area under the ROC curve on test texts, which are the clusters",
      compare: .absolute(0.03), show: .decimals(3)),
    [number("ece", \.calibrationError, "", "mean distance of scores from shares, ten bins")])

  private static func number(
    _ name: String, _ path: WritableKeyPath<RouterRow, Double> & Sendable, _ unit: String,
    _ description: String
  ) -> Column<RouterRow> {
    Column(name, path, unit: unit, description, compare: .absolute(0.03), show: .decimals(3))
  }
}

/// The threshold for a share of wrong exits, and its outcome on test texts.
struct ThresholdRow: ResultRow {
  var risk = 0.0
  var bound = ""
  var threshold = 0.0
  var validationExits = 0.0
  var validationLoss = 0.0
  var exits = EstimateCells()
  var loss = EstimateCells()
  var pooled = EstimateCells()
  var agreement = Double.nan

  static let columns = Column<ThresholdRow>.list(
    [
      Column("delta", \.risk, "δ: the share of wrong tokens that is allowed", show: .percent(0)),
      Column("bound", \.bound, "what counts as wrong"),
      Column(
        "threshold", \.threshold, "the threshold; above 1: none can be guaranteed",
        compare: .absolute(0.05), show: .decimals(3)),
      Column.share("validation_exits", \.validationExits, "tokens that exit where it was chosen"),
      Column.share("validation_loss", \.validationLoss, "wrong tokens there, mean over texts"),
    ],
    Column.estimate(
      "exits", \.exits, "test tokens that exit", compare: .absolute(0.02), show: .percent(1)),
    Column.estimate(
      "loss", \.loss, "wrong test tokens, mean over texts: what δ bounds",
      compare: .absolute(0.02), show: .percent(1)),
    Column.estimate(
      "pooled_loss", \.pooled, "the same of all tokens together: no bound holds for it",
      compare: .absolute(0.02), show: .percent(1)),
    [
      Column.share(
        "agreement", \.agreement, "of the test tokens that exit, those that exit rightly")
    ])
}

/// Test texts whose exits are executed at one threshold.
struct ExecutionRow: ResultRow {
  var threshold = 0.0
  var chosen = ""
  var exits = EstimateCells()
  var wrong = EstimateCells()
  var changed = EstimateCells()
  var designEffect = Double.nan

  static let columns = Column<ExecutionRow>.list(
    [
      Column("threshold", \.threshold, "the threshold", show: .decimals(3)),
      Column("chosen_for", \.chosen, "which bounds and shares δ it was chosen for"),
    ],
    Column.estimate(
      "exits", \.exits, "tokens that exit", compare: .absolute(0.02), show: .percent(1)),
    Column.estimate(
      "wrong_exits", \.wrong, "tokens that exit with another prediction, mean over texts",
      compare: .absolute(0.02), show: .percent(1)),
    Column.estimate(
      "any_wrong", \.changed,
      "tokens with another prediction, exited or not, mean over texts", compare: .absolute(0.02),
      show: .percent(1)),
    [
      Column(
        "design_effect", \.designEffect, "variance of the exit rate, texts over single tokens",
        compare: .relative(0.5), show: .decimals(1))
    ])
}

/// How often the guarantee is violated over many draws of texts.
struct SimulationRow: ResultRow {
  var risk = 0.0
  var chosen = 0
  var violations = 0
  var exits = 0.0

  static let columns: [Column<SimulationRow>] = [
    Column("delta", \.risk, "wrong exits that are allowed, mean over texts", show: .percent(0)),
    Column("chosen", \.chosen, "draws in which a threshold was found", compare: .absolute(15)),
    Column(
      "violations", \.violations, "draws whose threshold exceeds the share on all texts",
      compare: .absolute(15)),
    Column(
      "exits", \.exits, "tokens that exit, mean over draws", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}

/// One bin of scores in the reliability diagram.
struct ReliabilityRow: ResultRow {
  var layer = ""
  var score = 0.0
  var settled = EstimateCells()
  var rows = 0
  var designEffect = Double.nan

  static let columns = Column<ReliabilityRow>.list(
    [
      Column("layer", \.layer, "the router's layer"),
      Column(
        "score", \.score, "mean score of the bin", compare: .absolute(0.02), show: .decimals(3)),
    ],
    Column.estimate(
      "settled", \.settled, "share of its positions that has settled; texts are the clusters",
      compare: .absolute(0.1), show: .decimals(3)),
    [
      Column("rows", \.rows, "positions", compare: .relative(0.2)),
      Column(
        "design_effect", \.designEffect, "variance of the share, texts over single positions",
        compare: .relative(0.5), show: .decimals(1)),
    ])
}

/// A point of the curves over the threshold.
struct CurveRow: ResultRow {
  var threshold = 0.0
  var what = ""
  var share = 0.0

  static let columns: [Column<CurveRow>] = [
    Column("threshold", \.threshold, "the threshold"),
    Column("what", \.what, "which share"),
    Column(
      "share", \.share, "of a validation text's tokens, mean over texts", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}
