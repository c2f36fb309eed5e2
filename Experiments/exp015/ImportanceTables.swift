import AISHarness

/// A layer's costs over all prompts, whole and by halves, with its block influence.
struct LayerCostRow: ResultRow {
  var layer = 0
  var kl = EstimateCells()
  var klLast = 0.0
  var attentionKL = 0.0
  var feedForwardKL = 0.0
  var topOneAgreement = 0.0
  var blockInfluence = 0.0

  static let columns = Column<LayerCostRow>.list(
    [Column("layer", \.layer, "the layer left out")],
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "cost of the whole layer", compare: .absolute(1e-3),
      show: .decimals(4)),
    [
      Column(
        "kl_last", \.klLast, unit: "nats", "cost at the last position", compare: .absolute(1e-3),
        show: .decimals(4)),
      Column(
        "kl_attention", \.attentionKL, unit: "nats", "cost of its attention alone",
        compare: .absolute(1e-3), show: .decimals(4)),
      Column(
        "kl_feed_forward", \.feedForwardKL, unit: "nats",
        "cost of its feed-forward network alone", compare: .absolute(1e-3), show: .decimals(4)),
      Column(
        "top1_agreement", \.topOneAgreement, "share of positions with the same top token",
        compare: .absolute(0.02), show: .percent(1)),
      Column(
        "block_influence", \.blockInfluence, "1 − cos(input, output)", compare: .absolute(1e-3),
        show: .decimals(4)),
    ])
}

/// A group's cost for one category.
struct GroupCostRow: ResultRow {
  var category = ""
  var group = ""
  var kl = EstimateCells()

  static let columns = Column<GroupCostRow>.list(
    [
      Column("category", \.category, "the prompts' category"),
      Column("group", \.group, "the layers left out together"),
    ],
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "cost of the whole group", compare: .absolute(1e-3),
      show: .decimals(3)))
}

/// A cell of the heat map.
struct HeatRow: ResultRow {
  var layer = 0
  var category = ""
  var logKL = 0.0

  static let columns: [Column<HeatRow>] = [
    Column("layer", \.layer, "the layer left out"),
    Column("category", \.category, "the prompts' category"),
    Column(
      "log10_kl", \.logKL, "log10 of KL(base‖skip) in nats", compare: .absolute(0.02),
      show: .decimals(2)),
  ]
}
