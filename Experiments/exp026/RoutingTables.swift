import AISHarness

/// A way of choosing the plan, and its outcome.
struct WayLine: ResultRow {
  var way = ""
  var plans = 0
  var agreement = EstimateCells()
  var kl = EstimateCells()
  var last = 0.0

  static let columns = Column<WayLine>.list(
    [
      Column("way", \.way, "who chooses the plan"),
      Column("plans", \.plans, "distinct plans handed out"),
    ],
    Column.estimate(
      "top1_agreement", \.agreement,
      "share of a prompt's positions with the full model's most probable token, mean over prompts",
      compare: .absolute(0.02), show: .percent(1)),
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip)", compare: .absolute(0.02),
      show: .decimals(3)),
    [
      Column(
        "last_agreement", \.last, "prompts whose last position has the same token",
        compare: .absolute(0.03), show: .percent(1))
    ])
}

/// A way of choosing the plan, compared with the best static plan.
struct GainLine: ResultRow {
  var way = ""
  var isJudged = false
  var gain = EstimateCells()
  var anytime = ""
  var pValue = Double.nan
  var holm = Double.nan
  var kl = 0.0
  var last = ""
  var lastPValue = Double.nan

  static let columns = Column<GainLine>.list(
    [
      Column("way", \.way, "who chooses the plan"),
      Column("judged", \.isJudged, "a router by category, which the claim is about"),
    ],
    Column.estimate(
      "gain", \.gain,
      "top-1 agreement less that of the best static plan, mean over prompts; its interval holds for "
        + "all judged ways together, or for all others together",
      compare: .absolute(0.01), show: .percent(2)),
    [
      Column(
        "anytime", \.anytime, "the same interval where it is valid at every look, which decides",
        compare: .ignored),
      Column(
        "p", \.pValue, "sign-flip permutation test, two-sided, of a fixed number of prompts",
        compare: .absolute(0.05), show: .decimals(4)),
      Column(
        "p_holm", \.holm, "the same after Holm, over the judged ones", compare: .absolute(0.05),
        show: .decimals(4)),
      Column(
        "kl_difference", \.kl, unit: "nats", "mean KL(base‖skip) less the static plan's",
        compare: .absolute(0.02), show: .decimals(4)),
      Column(
        "last_flips", \.last, "last positions that agree only so, and only under the static plan",
        compare: .ignored),
      Column(
        "last_p", \.lastPValue, "exact McNemar of these", compare: .absolute(0.05),
        show: .decimals(3)),
    ])
}

/// What a judged comparison could have shown.
struct PowerLine: ResultRow {
  var way = ""
  var prompts = 0
  var plans = 0
  var deviation = 0.0
  var power = 0.0
  var detectable = 0.0
  var needed = 0

  static let columns: [Column<PowerLine>] = [
    Column("way", \.way, "who chooses the plan"),
    Column("prompts", \.prompts, "test prompts"),
    Column("plans", \.plans, "distinct plans handed out to them"),
    Column(
      "sd", \.deviation, "standard deviation of the paired difference in agreement",
      compare: .absolute(0.01), show: .percent(2)),
    Column(
      "power", \.power, "how likely the anytime interval shows a gain of the size asked for",
      compare: .absolute(0.05), show: .decimals(3)),
    Column(
      "detectable", \.detectable, "the smallest gain that it shows with power 0.8",
      compare: .absolute(0.005), show: .percent(2)),
    Column(
      "needed", \.needed, "prompts that show the gain asked for with power 0.8; 0 if unknown",
      compare: .relative(0.2)),
  ]
}

/// How often a router finds a prompt's own category.
struct RouterLine: ResultRow {
  var router = ""
  var prompts = 0
  var accuracy = EstimateCells()
  var largest = 0.0

  static let columns = Column<RouterLine>.list(
    [
      Column("router", \.router, "who finds the category"),
      Column("prompts", \.prompts, "prompts of the test split"),
    ],
    Column.estimate(
      "accuracy", \.accuracy, "prompts put into their own category", compare: .absolute(0.03),
      show: .percent(1)),
    [
      Column(
        "majority", \.largest, "what always saying the most frequent category comes to",
        compare: .absolute(0.01), show: .percent(1))
    ])
}

/// The plans and outcomes of a category's prompts.
struct CategoryLine: ResultRow {
  var category = ""
  var prompts = 0
  var neighbors = 0.0
  var classifier = 0.0
  var made = ""
  var chosen = ""
  var gain = EstimateCells()

  static let columns = Column<CategoryLine>.list(
    [
      Column("category", \.category, "the prompts' own category"),
      Column("prompts", \.prompts, "prompts of the test split"),
      Column(
        "knn_recall", \.neighbors, "of them, those that k-NN puts there", compare: .absolute(0.1),
        show: .percent(0)),
      Column(
        "mlp_recall", \.classifier, "those that the MLP puts there", compare: .absolute(0.1),
        show: .percent(0)),
      Column("ablation_plan", \.made, "the plan of the category's own costs"),
      Column("chosen_plan", \.chosen, "the plan that is best on its validation prompts"),
    ],
    Column.estimate(
      "gain", \.gain,
      "agreement under the chosen plan less that under the best static one; its interval holds for "
        + "all categories together", compare: .absolute(0.02), show: .percent(2)))
}

/// A plan on trial.
struct PlanLine: ResultRow {
  var plan = ""
  var made = ""
  var chosen = ""
  var validation = 0.0
  var test = 0.0
  var best = 0.0
  var neighbors = 0
  var classifier = 0

  static let columns: [Column<PlanLine>] = [
    Column("plan", \.plan, "what is left out"),
    Column("made_for", \.made, "what the ablation's costs gave it for"),
    Column("chosen_for", \.chosen, "categories on whose validation prompts it is best"),
    Column.share(
      "validation_agreement", \.validation, "top-1 agreement on all validation prompts",
      within: 0.02),
    Column.share("test_agreement", \.test, "the same on all test prompts", within: 0.02),
    Column.share("best_for", \.best, "test prompts for which none is better", within: 0.05),
    Column(
      "knn_prompts", \.neighbors, "test prompts that k-NN gives it to, plans chosen",
      compare: .absolute(10)),
    Column(
      "mlp_prompts", \.classifier, "test prompts that the MLP gives it to, plans chosen",
      compare: .absolute(10)),
  ]
}
