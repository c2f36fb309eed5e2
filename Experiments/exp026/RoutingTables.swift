import AISHarness

/// A way of choosing the plan, and its outcome.
struct WayLine: ResultRow {
  var way = ""
  var plans = 0
  var agreement = 0.0
  var lower = 0.0
  var upper = 0.0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var last = 0.0

  static let columns: [Column<WayLine>] = [
    Column("way", \.way, "who chooses the plan"),
    Column("plans", \.plans, "distinct plans handed out"),
    Column(
      "top1_agreement", \.agreement,
      "share of a prompt's positions with the full model's most probable token, mean over prompts",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "top1_lower", \.lower, "lower end of its 95 % interval (bootstrap over prompts)",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "top1_upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.02),
      show: .percent(1)),
    Column(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip)", compare: .absolute(0.02),
      show: .decimals(3)),
    Column(
      "kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "kl_upper", \.klUpper, unit: "nats", "upper end of its 95 % interval",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "last_agreement", \.last, "prompts whose last position has the same token",
      compare: .absolute(0.03), show: .percent(1)),
  ]
}

/// A way of choosing the plan, compared with the best static plan.
struct GainLine: ResultRow {
  var way = ""
  var gain = 0.0
  var lower = 0.0
  var upper = 0.0
  var familyLower = Double.nan
  var familyUpper = Double.nan
  var pValue = Double.nan
  var holm = Double.nan
  var kl = 0.0
  var last = ""
  var lastPValue = Double.nan

  static let columns: [Column<GainLine>] = [
    Column("way", \.way, "who chooses the plan"),
    Column(
      "gain", \.gain, "top-1 agreement less that of the best static plan, mean over prompts",
      compare: .absolute(0.01), show: .percent(2)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval (bootstrap over prompts)",
      compare: .absolute(0.01), show: .percent(2)),
    Column(
      "upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.01),
      show: .percent(2)),
    Column(
      "family_lower", \.familyLower, "lower end where all judged ones together are to be 95 % sure",
      compare: .absolute(0.01), show: .percent(2)),
    Column(
      "family_upper", \.familyUpper, "upper end of that", compare: .absolute(0.01),
      show: .percent(2)),
    Column(
      "p", \.pValue, "sign-flip permutation test, two-sided", compare: .absolute(0.05),
      show: .decimals(4)),
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
  ]
}

/// What a judged comparison could have detected.
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
      "power", \.power, "how likely a gain of the size asked for is seen", compare: .absolute(0.05),
      show: .decimals(3)),
    Column(
      "detectable", \.detectable, "the smallest gain that is seen with power 0.8",
      compare: .absolute(0.005), show: .percent(2)),
    Column(
      "needed", \.needed, "prompts that see the gain asked for with power 0.8; 0 if unknown",
      compare: .relative(0.2)),
  ]
}

/// How often a router finds a prompt's own category.
struct RouterLine: ResultRow {
  var router = ""
  var prompts = 0
  var accuracy = 0.0
  var lower = 0.0
  var upper = 0.0
  var largest = 0.0

  static let columns: [Column<RouterLine>] = [
    Column("router", \.router, "who finds the category"),
    Column("prompts", \.prompts, "prompts of the test split"),
    Column(
      "accuracy", \.accuracy, "prompts put into their own category", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval (Wilson)", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.03),
      show: .percent(1)),
    Column(
      "majority", \.largest, "what always saying the most frequent category comes to",
      compare: .absolute(0.01), show: .percent(1)),
  ]
}

/// The plans and outcomes of a category's prompts.
struct CategoryLine: ResultRow {
  var category = ""
  var prompts = 0
  var neighbors = 0.0
  var classifier = 0.0
  var made = ""
  var chosen = ""
  var gain = 0.0
  var lower = 0.0
  var upper = 0.0

  static let columns: [Column<CategoryLine>] = [
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
    Column(
      "gain", \.gain, "agreement under the chosen plan less that under the best static one",
      compare: .absolute(0.02), show: .percent(2)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval (bootstrap, each by itself)",
      compare: .absolute(0.02), show: .percent(2)),
    Column(
      "upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.02),
      show: .percent(2)),
  ]
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
    Column("made_for", \.made, "categories whose own costs give this plan"),
    Column("chosen_for", \.chosen, "categories on whose validation prompts it is best"),
    Column(
      "validation_agreement", \.validation, "top-1 agreement on all validation prompts",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "test_agreement", \.test, "the same on all test prompts", compare: .absolute(0.02),
      show: .percent(1)),
    Column(
      "best_for", \.best, "test prompts for which none is better", compare: .absolute(0.05),
      show: .percent(1)),
    Column(
      "knn_prompts", \.neighbors, "test prompts that k-NN gives it to, plans chosen",
      compare: .absolute(10)),
    Column(
      "mlp_prompts", \.classifier, "test prompts that the MLP gives it to, plans chosen",
      compare: .absolute(10)),
  ]
}
