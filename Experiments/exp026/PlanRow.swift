import AISHarness

extension Exp026 {
  /// One prompt under one plan.
  ///
  /// Only positions after the chat template's opening count, since it is the same in every prompt.
  /// The routers' decisions on a prompt are in each of its rows.
  struct Row: ResultRow {
    var split = ""
    var prompt = 0
    var category = ""
    var plan = ""
    var executedLayers = 0
    var tokens = 0
    var agreeing = 0
    var kl = 0.0
    var lastAgrees = false
    var lastKL = 0.0
    var neighborCategory = ""
    var confidence = 0.0
    var classifierCategory = ""
    var ablationPlan = ""
    var directPlan = ""

    static let columns: [Column<Row>] = [
      Column("split", \.split, "what the prompt is used for: calibration, validation, test"),
      Column("prompt", \.prompt, "index of the prompt in its split's sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("plan", \.plan, "what was left out: the lists that --hard and --soft take"),
      Column("executed_layers", \.executedLayers, "blocks that the loop computed"),
      Column("tokens", \.tokens, "positions after the chat template's opening"),
      Column(
        "agreeing", \.agreeing, "of them, those with the same most probable token", .within(1)),
      Column(
        "kl_base_skip", \.kl, "KL(base‖skip), mean over these positions", .nats(4, within: 1e-3)),
      Column("last_agrees", \.lastAgrees, "the same most probable token at the last position"),
      Column(
        "last_kl_base_skip", \.lastKL, "KL(base‖skip) at the last position", .nats(4, within: 1e-3)),
      Column("knn_category", \.neighborCategory, "the category that the map's neighbours vote for"),
      Column("knn_confidence", \.confidence, "its share of the vote", .decimals(2, within: 0.01)),
      Column("mlp_category", \.classifierCategory, "the category that the network finds"),
      Column("ablation_plan", \.ablationPlan, "the plan that the ablation gives to the category"),
      Column(
        "direct_plan", \.directPlan,
        "the plan that the network of plans finds; of test prompts only"),
    ]
  }
}
