import AISHarness

/// One checkpoint's exit router.
struct RouterRow: ResultRow {
  var layer = 0
  var rows = 0
  var settled = 0.0
  var epochs = 0
  var trainingLoss = 0.0
  var stoppingLoss = 0.0
  var area = Double.nan
  var areaLower = Double.nan
  var areaUpper = Double.nan
  var calibrationError = Double.nan

  static let columns: [Column<RouterRow>] = [
    Column("layer", \.layer, "the layer behind which it stands"),
    Column("rows", \.rows, "positions that it was trained on"),
    Column(
      "settled", \.settled, "of those, the share that has settled", compare: .absolute(0.01),
      show: .percent(1)),
    Column("epochs", \.epochs, "epochs behind the weights that were kept", compare: .absolute(10)),
    number("training_loss", \.trainingLoss, "nats", "mean loss while that epoch was trained"),
    number("stopping_loss", \.stoppingLoss, "nats", "mean loss on the texts that say when to stop"),
    number("auroc", \.area, "", "area under the ROC curve on test texts"),
    number("auroc_lower", \.areaLower, "", "lower end of its 95 % interval over texts"),
    number("auroc_upper", \.areaUpper, "", "upper end of its 95 % interval over texts"),
    number("ece", \.calibrationError, "", "mean distance of scores from shares, ten bins"),
  ]

  private static func number(
    _ name: String, _ path: WritableKeyPath<RouterRow, Double> & Sendable, _ unit: String,
    _ description: String
  ) -> Column<RouterRow> {
    Column(name, path, unit: unit, description, compare: .absolute(0.03), show: .decimals(3))
  }
}

/// The threshold for a share of wrong exits, and its outcome.
struct ThresholdRow: ResultRow {
  var risk = 0.0
  var threshold = 0.0
  var validationExits = 0.0
  var validationLoss = 0.0
  var exits = 0.0
  var exitsLower = 0.0
  var exitsUpper = 0.0
  var loss = 0.0
  var lossLower = 0.0
  var lossUpper = 0.0
  var agreement = 0.0

  static let columns: [Column<ThresholdRow>] = [
    Column("delta", \.risk, "wrong exits that are allowed, of all tokens", show: .percent(0)),
    Column(
      "threshold", \.threshold, "the threshold; above 1: none can be guaranteed",
      compare: .absolute(0.05), show: .decimals(3)),
    share("validation_exits", \.validationExits, "tokens that leave where it was chosen"),
    share("validation_loss", \.validationLoss, "wrong exits there, mean over texts"),
    share("exits", \.exits, "test tokens that leave"),
    share("exits_lower", \.exitsLower, "lower end of its 95 % interval over prompts"),
    share("exits_upper", \.exitsUpper, "upper end of its 95 % interval over prompts"),
    share("loss", \.loss, "test tokens that leave wrongly, mean over prompts"),
    share("loss_lower", \.lossLower, "lower end of its 95 % interval over prompts"),
    share("loss_upper", \.lossUpper, "upper end of its 95 % interval over prompts"),
    share("agreement", \.agreement, "of the test tokens that leave, those that leave rightly"),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<ThresholdRow, Double> & Sendable, _ description: String
  ) -> Column<ThresholdRow> {
    Column(name, path, description, compare: .absolute(0.02), show: .percent(1))
  }
}

/// How often the guarantee is violated over many draws of texts.
struct SimulationRow: ResultRow {
  var risk = 0.0
  var chosen = 0
  var violations = 0
  var exits = 0.0

  static let columns: [Column<SimulationRow>] = [
    Column("delta", \.risk, "wrong exits that are allowed, of all tokens", show: .percent(0)),
    Column("chosen", \.chosen, "draws in which a threshold could be had", compare: .absolute(15)),
    Column(
      "violations", \.violations, "draws whose threshold exceeds the share on all texts",
      compare: .absolute(15)),
    Column(
      "exits", \.exits, "tokens that leave, mean over draws", compare: .absolute(0.02),
      show: .percent(1)),
  ]

  /// The summary's name for the number of draws whose threshold let tokens exit.
  static func chosenName(_ risk: Double) -> String { "chosen_\(Int((risk * 100).rounded()))" }

  /// The summary's name for the number of violations.
  static func name(_ risk: Double) -> String { "violations_\(Int((risk * 100).rounded()))" }
}

/// One bin of scores in the reliability diagram.
struct ReliabilityRow: ResultRow {
  var layer = ""
  var score = 0.0
  var settled = 0.0
  var lower = 0.0
  var upper = 0.0
  var rows = 0

  static let columns: [Column<ReliabilityRow>] = [
    Column("layer", \.layer, "the router's layer"),
    Column("score", \.score, "mean score of the bin", compare: .absolute(0.02)),
    Column("settled", \.settled, "share of its rows that has settled", compare: .absolute(0.1)),
    Column("lower", \.lower, "lower end of its 95 % interval", compare: .absolute(0.1)),
    Column("upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.1)),
    Column("rows", \.rows, "rows", compare: .relative(0.2)),
  ]
}

/// A point of the curves over the threshold.
struct CurveRow: ResultRow {
  var threshold = 0.0
  var what = ""
  var share = 0.0

  static let columns: [Column<CurveRow>] = [
    Column("threshold", \.threshold, "the threshold"),
    Column("what", \.what, "which share"),
    Column("share", \.share, "of all test tokens", compare: .absolute(0.02), show: .percent(1)),
  ]
}
