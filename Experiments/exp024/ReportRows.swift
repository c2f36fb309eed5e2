import AISHarness

/// A way to save: how far it is from the full float32 model, and how long it takes.
struct WayRow: ResultRow {
  var point = Point()
  var prompts = 0
  var layersOut = 0.0
  var kl = EstimateCells()
  var topOne = EstimateCells()
  var perplexityRatio = EstimateCells()
  var cloze = Double.nan
  var prefill = EstimateCells()
  var decode = EstimateCells()

  static let columns = Column<WayRow>.list(
    [
      Column("kind", \.point.kindText, "how it saves"),
      Column(
        "setting", \.point.setting, "which layers are left out, or above which score tokens exit"),
      Column("chosen", \.point.choiceText, "how the layers were chosen"),
      Column(
        "no_sink", \.point.leavesOutSink, "leaves out the layer that makes the attention sink"),
      Column("prompts", \.prompts, "test prompts that it is judged on"),
      Column(
        "layers_out", \.layersOut, "blocks that a token of a prompt does not run, mean",
        compare: .absolute(0.2), show: .decimals(1)),
    ],
    Column.estimate(
      "kl", \.kl, unit: "nats", "mean KL(full‖this) of the next token, test prompts",
      compare: .absolute(0.02), show: .decimals(3)),
    [
      Column(
        "validation_kl", \.point.validationKL, unit: "nats",
        "mean KL on validation prompts, by which the form of the bridges over the layers found is chosen",
        compare: .absolute(0.02), show: .decimals(3))
    ],
    Column.estimate(
      "top1", \.topOne, "positions with the same most probable token", compare: .absolute(0.02),
      show: .percent(1)),
    Column.estimate(
      "perplexity_ratio", \.perplexityRatio, "perplexity of the prompts over the full model's",
      compare: .relative(0.02), show: .decimals(3)),
    [
      Column(
        "cloze", \.cloze, "MMLU cloze accuracy; not a number where none was asked",
        compare: .absolute(0.02), show: .percent(1))
    ],
    Column.estimate(
      "prefill", \.prefill, "full float32 time over this one's, prefill of one prompt",
      compare: .ignored, show: .decimals(3)),
    Column.estimate(
      "decode", \.decode, "the same in decode, one token at a time", compare: .ignored,
      show: .decimals(3)))
}

/// A way drawn in the picture of quality against time.
struct DrawnRow: ResultRow {
  var label = ""
  var family = ""
  var speed = EstimateCells()
  var topOne = EstimateCells()
  var isOnFront = false

  static let columns = Column<DrawnRow>.list(
    [
      Column("way", \.label, "the way"),
      Column("family", \.family, "what it is an example of"),
      Column("on_front", \.isOnFront, "no other way drawn is both faster and nearer"),
    ],
    Column.estimate(
      "speed", \.speed, "full float32 time over this one's", compare: .ignored, show: .decimals(3)),
    Column.estimate(
      "top1", \.topOne, "positions with the full model's most probable token",
      compare: .absolute(0.02), show: .percent(1)))
}

/// The best set for one category and the best for all, on prompts that chose neither.
struct CategoryResult: ResultRow {
  var category = ""
  var layers = ""
  var kl = 0.0
  var everywhere = 0.0

  static let columns: [Column<CategoryResult>] = [
    Column("category", \.category, "the category"),
    Column("layers", \.layers, "the set with the least KL on some of its validation prompts"),
    Column(
      "kl", \.kl, unit: "nats", "its KL on others of them", compare: .absolute(0.02),
      show: .decimals(3)),
    Column(
      "kl_of_best", \.everywhere, unit: "nats",
      "KL there of the set that is best over all categories", compare: .absolute(0.02),
      show: .decimals(3)),
  ]
}

/// How often a layer's own readout has the full model's token.
struct LensResult: ResultRow {
  var layer = 0
  var readout = ""
  var agreement = EstimateCells()

  static let columns = Column<LensResult>.list(
    [
      Column("layer", \.layer, "the layer that is read out"),
      Column("readout", \.readout, "by the head alone, or after an exit bridge"),
    ],
    Column.estimate(
      "agreement", \.agreement, "positions with the full model's most probable token",
      compare: .absolute(0.02), show: .percent(1)))
}
