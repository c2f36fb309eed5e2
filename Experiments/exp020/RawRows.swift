import AISHarness

/// The training of one checkpoint's router.
struct CheckpointRow: RawRow {
  static let tableName = "checkpoints"

  var layer = 0
  var rows = 0
  var settled = 0
  var epochs = 0
  var trainingLoss = Double.nan
  var stoppingLoss = Double.nan

  static let columns: [Column<CheckpointRow>] = [
    Column("layer", \.layer, "the layer after which it decides"),
    Column("rows", \.rows, "positions that it was trained on"),
    Column("settled", \.settled, "of those, how many have settled", .relative(0.02)),
    Column("epochs", \.epochs, "epochs before the weights that were kept", .within(10)),
    Column(
      "training_loss", \.trainingLoss, "mean loss while that epoch was trained",
      .within(0.03, unit: "nats")),
    Column(
      "stopping_loss", \.stoppingLoss, "mean loss on the texts that say when to stop",
      .within(0.03, unit: "nats")),
  ]
}

/// One router's score of one position of a test text, whose states come from the full model.
struct ScoreRow: RawRow {
  static let tableName = "test_scores"

  var prompt = 0
  var position = 0
  var layer = 0
  var score = Float.nan
  var settled = false
  var agrees = false

  static let columns: [Column<ScoreRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the test sample"),
    Column("position", \.position, "the position in the text; every third is scored"),
    Column("layer", \.layer, "the router's layer"),
    Column("score", \.score, "its score", .within(0.1)),
    Column("settled", \.settled, "whether the position has settled there", .unchecked),
    Column(
      "agrees", \.agrees, "whether the layer's own readout has the full model's top token",
      .unchecked),
  ]
}

/// What exits above a threshold in one validation text, decided on the full model's states.
struct ValidationRow: RawRow {
  static let tableName = "validation"

  var threshold = 0.0
  var text = 0
  var positions = 0
  var exits = 0
  var disagreements = 0

  static let columns: [Column<ValidationRow>] = [
    Column("threshold", \.threshold, "a token exits if its score is above it"),
    Column("text", \.text, "index of the text in the validation sample"),
    Column("positions", \.positions, "positions that were looked at: every third"),
    Column("exits", \.exits, "of those, where the token exits", .within(3)),
    Column(
      "disagreements", \.disagreements,
      "of those, where the layer's own readout has another top token than the full model",
      .within(3)),
  ]
}

/// One text whose tokens really exit above a threshold, compared with the full model.
struct ExecutedRow: RawRow {
  static let tableName = "executed"

  var split = ""
  var threshold = 0.0
  var text = 0
  var tokens = 0
  var exits = 0
  var disagreements = 0
  var changed = 0

  static let columns: [Column<ExecutedRow>] = [
    Column("split", \.split, "the split that the text is of: validation or test"),
    Column("threshold", \.threshold, "a token exits if its score is above it"),
    Column("text", \.text, "index of the text in that split's sample"),
    Column("tokens", \.tokens, "tokens after the chat template's opening"),
    Column("exits", \.exits, "of those, which exit", .within(3)),
    Column(
      "disagreements", \.disagreements, "of those, whose prediction is not the full model's",
      .within(3)),
    Column(
      "changed", \.changed,
      "tokens that do not exit, and whose prediction is not the full model's all the same",
      .within(3)),
  ]
}
