import AISHarness

/// The exits at one threshold.
struct ExitLine: ResultRow {
  var setting = ""
  var tokens = 0
  var rate = 0.0
  var lower = 0.0
  var upper = 0.0
  var wilsonLower = 0.0
  var wilsonUpper = 0.0
  var places = ""
  var scoredRate = 0.0
  var depth = 0.0
  var saved = 0.0
  var wasted = 0.0
  var filled = 0.0

  static let columns: [Column<ExitLine>] = [
    Column("setting", \.setting, "the threshold, or oracle"),
    Column("tokens", \.tokens, "tokens behind the chat template's opening"),
    share("exit_rate", \.rate, "share of them that left the pass"),
    share("exit_lower", \.lower, "lower end of its 95 % interval (bootstrap over prompts)"),
    share("exit_upper", \.upper, "upper end of its 95 % interval"),
    share("wilson_lower", \.wilsonLower, "lower end of Wilson's, as if tokens were independent"),
    share("wilson_upper", \.wilsonUpper, "upper end of Wilson's"),
    Column("where", \.places, "layers behind which they left", compare: .ignored),
    share("scored_exit_rate", \.scoredRate, "share that would leave on the full model's states"),
    Column(
      "mean_depth", \.depth, "blocks computed for a token, mean", compare: .absolute(0.2),
      show: .decimals(2)),
    share("saved", \.saved, "rows times blocks of the pass that were left out"),
    share("wasted", \.wasted, "rows times blocks computed for rows that had left, besides"),
    share("filled", \.filled, "rows times blocks of which keys and values were still computed"),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<ExitLine, Double> & Sendable, _ text: String
  ) -> Column<ExitLine> {
    Column(name, path, text, compare: .absolute(0.02), show: .percent(1))
  }
}

/// The quality of predictions at one threshold.
struct QualityLine: ResultRow {
  var setting = ""
  var prompts = 0
  var agreement = 0.0
  var lower = 0.0
  var upper = 0.0
  var exited = 0.0
  var exitedLower = 0.0
  var exitedUpper = 0.0
  var scored = 0.0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var last = 0.0
  var lastLower = 0.0
  var lastUpper = 0.0
  var identical = 0

  static let columns: [Column<QualityLine>] = [
    Column("setting", \.setting, "the threshold, or oracle"),
    Column("prompts", \.prompts, "prompts of the test split"),
    share("top1_agreement", \.agreement, "tokens with the full model's most probable next token"),
    share("top1_lower", \.lower, "lower end of its 95 % interval (bootstrap over prompts)"),
    share("top1_upper", \.upper, "upper end of its 95 % interval"),
    share("exited_agreement", \.exited, "the same of tokens that left"),
    share("exited_lower", \.exitedLower, "lower end of its 95 % interval"),
    share("exited_upper", \.exitedUpper, "upper end of its 95 % interval"),
    share("scored_agreement", \.scored, "agreement if exits only chose the output, layers all run"),
    nats("kl_base_exit", \.kl, "mean KL(base‖exit) of the next token"),
    nats("kl_lower", \.klLower, "lower end of its 95 % interval (bootstrap over prompts)"),
    nats("kl_upper", \.klUpper, "upper end of its 95 % interval"),
    share("last_agreement", \.last, "prompts whose last position has the same token"),
    share("last_lower", \.lastLower, "lower end of its 95 % interval (Wilson)"),
    share("last_upper", \.lastUpper, "upper end of its 95 % interval"),
    Column("identical", \.identical, "prompts without a differing bit", compare: .absolute(2)),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<QualityLine, Double> & Sendable, _ text: String
  ) -> Column<QualityLine> {
    Column(name, path, text, compare: .absolute(0.02), show: .percent(1))
  }

  private static func nats(
    _ name: String, _ path: WritableKeyPath<QualityLine, Double> & Sendable, _ text: String
  ) -> Column<QualityLine> {
    Column(name, path, unit: "nats", text, compare: .absolute(0.02), show: .decimals(3))
  }
}
