import AISHarness

extension Exp016 {
  /// One prompt under the plan that the map chose, and under its gold category's plan.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var routed = ""
    var confidence = 0.0
    var isFallback = false
    var plan = ""
    var executedLayers = 0
    var kl = 0.0
    var topOneAgrees = false
    var topFiveOverlap = 0.0
    var goldPlan = ""
    var goldKL = 0.0
    var goldTopOneAgrees = false

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("routed", \.routed, "the category that the map found"),
      Column(
        "confidence", \.confidence, "the winning category's share of the vote",
        .decimals(2, within: 0.01)),
      Column(
        "is_fallback", \.isFallback, "the map was not sure enough, so the full model answered"),
      Column("plan", \.plan, "what was left out: the lists that --hard and --soft take"),
      Column("executed_layers", \.executedLayers, "blocks that the loop computed"),
      Column("kl_base_skip", \.kl, "KL(base‖skip) of the next token", .nats(4, within: 1e-3)),
      Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
      Column(
        "top5_overlap", \.topFiveOverlap, "tokens in both top fives, of 5",
        .share(within: 0.2, digits: 0)),
      Column("gold_plan", \.goldPlan, "what the prompt's own category leaves out"),
      Column(
        "gold_kl_base_skip", \.goldKL, "KL(base‖skip) under that plan", .nats(4, within: 1e-3)),
      Column(
        "gold_top1_agrees", \.goldTopOneAgrees, "the same most probable token under that plan"),
    ]
  }
}

/// A prompt under the best fixed plan that leaves out as many layers as the routed plans.
struct BestPlanRow: RawRow {
  var prompt = 0
  var plan = ""
  var kl = 0.0
  var topOneAgrees = false

  static let tableName = "best_plan"
  static let columns: [Column<BestPlanRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("plan", \.plan, "what was left out"),
    Column("kl_base_skip", \.kl, "KL(base‖skip) of the next token", .nats(4, within: 1e-3)),
    Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
  ]
}
