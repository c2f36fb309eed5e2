import AISHarness

/// One category's agreement with the full model.
struct CategoryRow: ResultRow {
  var category = ""
  var prompts = 0
  var topOne = EstimateCells()
  var goldTopOne = 0.0
  var topFive = 0.0
  var kl = EstimateCells()
  var routedRight = 0.0

  static let columns = Column<CategoryRow>.list(
    [
      Column("category", \.category, "the prompts' own category"),
      Column("prompts", \.prompts, "prompts of the test split"),
    ],
    Column.estimate(
      "top1_agreement", \.topOne, "the same most probable token", compare: .absolute(0.03),
      show: .percent(1)),
    [
      Column(
        "gold_top1_agreement", \.goldTopOne,
        "the same under the plan of the prompt's own category", compare: .absolute(0.03),
        show: .percent(1)),
      Column(
        "top5_overlap", \.topFive, "tokens in both top fives", compare: .absolute(0.03),
        show: .percent(1)),
    ],
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip) of the next token",
      compare: .absolute(1e-2), show: .decimals(3)),
    [
      Column(
        "routed_right", \.routedRight, "prompts that the map put into their own category",
        compare: .absolute(0.03), show: .percent(1))
    ])
}

/// Plans of one kind, over all prompts, compared with the map's.
struct PlanRow: ResultRow {
  var plan = ""
  var layers = ""
  var sink = ""
  var prompts = 0
  var topOne = EstimateCells()
  var difference = EstimateCells()
  var kl = EstimateCells()
  var klDifference = EstimateCells()

  init() {}

  /// Plans from their summaries and what each prompt gave.
  init(plan: String, layers: [String], sink: String, agrees: [Bool], kl: [Double]) {
    self.plan = plan
    self.layers = layers.joined(separator: "; ")
    self.sink = sink
    prompts = agrees.count
    topOne = EstimateCells(Proportion(of: agrees).estimate)
    self.kl = EstimateCells(Bootstrap().mean(of: kl))
  }

  /// Keeps the differences from the map's plans, which ran the same prompts.
  mutating func compare(
    _ agrees: [(routed: Bool, own: Bool)], _ kl: [(routed: Double, own: Double)]
  ) {
    difference = EstimateCells(
      Paired(baseline: agrees.map(\.routed), variant: agrees.map(\.own)).differenceEstimate)
    klDifference = EstimateCells(
      PairedDifferences(baseline: kl.map(\.routed), variant: kl.map(\.own)).estimate())
  }

  static let columns = Column<PlanRow>.list(
    [
      Column(
        "plan", \.plan,
        "whose: the map's, the prompt's own category's, or the best fixed one of that size"),
      Column("layers", \.layers, "what the plans leave out"),
      Column("sink", \.sink, "whether they leave out the layer that makes the attention sink"),
      Column("prompts", \.prompts, "prompts of the test split"),
    ],
    Column.estimate(
      "top1_agreement", \.topOne, "the same most probable token", compare: .absolute(0.03),
      show: .percent(1)),
    Column.estimate(
      "top1_difference", \.difference, "agreement less that of the map's plans, same prompts",
      compare: .absolute(0.03), show: .percent(1)),
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip) of the next token",
      compare: .absolute(1e-2), show: .decimals(3)),
    Column.estimate(
      "kl_difference", \.klDifference, unit: "nats", "KL less that of the map's plans",
      compare: .absolute(1e-2), show: .decimals(3)))
}

/// One category's agreement under the map's plans or the best fixed one.
struct BesideRow: ResultRow {
  var category = ""
  var plan = ""
  var prompts = 0
  var topOne = EstimateCells()
  var difference = EstimateCells()

  init() {}

  /// A row without a difference.
  init(category: String, plan: String, _ agrees: [Bool]) {
    (self.category, self.plan, prompts) = (category, plan, agrees.count)
    topOne = EstimateCells(Proportion(of: agrees).estimate)
  }

  static let columns = Column<BesideRow>.list(
    [
      Column("category", \.category, "the prompts' own category"),
      Column("plan", \.plan, "whose plan: the map's, or the best fixed one of that size"),
      Column("prompts", \.prompts, "prompts of the test split"),
    ],
    Column.estimate(
      "top1_agreement", \.topOne, "the same most probable token", compare: .absolute(0.03),
      show: .percent(1)),
    Column.estimate(
      "difference", \.difference, "agreement less that of the map's plans, same prompts",
      compare: .absolute(0.03), show: .percent(1)))
}
