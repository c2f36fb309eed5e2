import AISHarness

/// The texts at one threshold, compared with the full model's.
struct TextLine: ResultRow {
  var setting = ""
  var texts = 0
  var identical = 0.0
  var identicalLower = 0.0
  var identicalUpper = 0.0
  var prefix = 0.0
  var prefixLower = 0.0
  var prefixUpper = 0.0
  var prefixTokens = 0.0
  var tokens = 0.0
  var ended = 0.0
  var exitRate = 0.0
  var exitLower = 0.0
  var exitUpper = 0.0
  var depth = 0.0

  static let columns: [Column<TextLine>] = [
    Column("setting", \.setting, "the threshold, or full for the model without routers"),
    Column("texts", \.texts, "prompts of the test split, one text each"),
    share("identical", \.identical, "texts that are the full model's, token by token"),
    share("identical_lower", \.identicalLower, "lower end of its 95 % interval (Wilson)"),
    share("identical_upper", \.identicalUpper, "upper end of its 95 % interval"),
    share("prefix", \.prefix, "part of a text before the first difference, mean"),
    share("prefix_lower", \.prefixLower, "lower end of its 95 % interval (bootstrap over prompts)"),
    share("prefix_upper", \.prefixUpper, "upper end of its 95 % interval"),
    Column(
      "prefix_tokens", \.prefixTokens, "tokens before the first difference, median",
      compare: .absolute(5), show: .decimals(1)),
    Column(
      "mean_tokens", \.tokens, "tokens of a text, mean", compare: .absolute(5),
      show: .decimals(1)),
    share("ended", \.ended, "texts that came to their own end before the limit"),
    share("exit_rate", \.exitRate, "tokens whose row left early"),
    share("exit_lower", \.exitLower, "lower end of its 95 % interval (bootstrap over prompts)"),
    share("exit_upper", \.exitUpper, "upper end of its 95 % interval"),
    Column(
      "mean_depth", \.depth, "blocks computed for a token, mean", compare: .absolute(0.3),
      show: .decimals(2)),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<TextLine, Double> & Sendable, _ text: String
  ) -> Column<TextLine> {
    Column(name, path, text, compare: .absolute(0.05), show: .percent(1))
  }
}

/// The full model's perplexity and KL on the texts at one threshold.
struct ReadingLine: ResultRow {
  /// In a text that repeats itself, at least this share of its runs of four tokens occurred before.
  static let circlingShare = 0.5

  var setting = ""
  var tokens = 0
  var perplexity = 0.0
  var ratio = 0.0
  var ratioLower = 0.0
  var ratioUpper = 0.0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var agreement = 0.0
  var agreementLower = 0.0
  var agreementUpper = 0.0
  var repetition = 0.0
  var repetitionLower = 0.0
  var repetitionUpper = 0.0
  var circling = 0

  static let columns: [Column<ReadingLine>] = [
    Column("setting", \.setting, "the threshold, or full for the model without routers"),
    Column("tokens", \.tokens, "tokens of all texts", compare: .relative(0.05)),
    number("perplexity", \.perplexity, "the full model's perplexity of the texts", digits: 2),
    number("perplexity_ratio", \.ratio, "the same over that of its own texts", digits: 3),
    number("ratio_lower", \.ratioLower, "lower end of its 95 % interval (bootstrap)", digits: 3),
    number("ratio_upper", \.ratioUpper, "upper end of its 95 % interval", digits: 3),
    number(
      "kl_base_exit", \.kl, unit: "nats",
      "mean KL(full‖exit) of the distributions that chose the tokens; of full itself, rounding "
        + "between one pass and many", digits: 4),
    number("kl_lower", \.klLower, unit: "nats", "lower end of its 95 % interval", digits: 4),
    number("kl_upper", \.klUpper, unit: "nats", "upper end of its 95 % interval", digits: 4),
    share("top1_agreement", \.agreement, "tokens that the full model would choose in their place"),
    share("top1_lower", \.agreementLower, "lower end of its 95 % interval (bootstrap)"),
    share("top1_upper", \.agreementUpper, "upper end of its 95 % interval"),
    share("repetition", \.repetition, "runs of four tokens that the text has before, mean"),
    share("repetition_lower", \.repetitionLower, "lower end of its 95 % interval (bootstrap)"),
    share("repetition_upper", \.repetitionUpper, "upper end of its 95 % interval"),
    Column(
      "circling", \.circling, "texts of which at least half of these runs come twice",
      compare: .absolute(5)),
  ]

  private static func share(
    _ name: String, _ path: WritableKeyPath<ReadingLine, Double> & Sendable, _ text: String
  ) -> Column<ReadingLine> {
    Column(name, path, text, compare: .absolute(0.05), show: .percent(1))
  }

  private static func number(
    _ name: String, _ path: WritableKeyPath<ReadingLine, Double> & Sendable, unit: String = "",
    _ text: String, digits: Int
  ) -> Column<ReadingLine> {
    Column(name, path, unit: unit, text, compare: .relative(0.05), show: .decimals(digits))
  }
}

/// A point of the curves over the threshold.
struct CurvePoint: ResultRow {
  var what = ""
  var threshold = 0.0
  var share = 0.0
  var lower = 0.0
  var upper = 0.0

  init() {}

  init(_ what: String, _ threshold: Double, _ estimate: Estimate) {
    (self.what, self.threshold, share) = (what, threshold, estimate.value)
    (lower, upper) = (estimate.interval.lower, estimate.interval.upper)
  }

  static let columns: [Column<CurvePoint>] = [
    Column("what", \.what, "whose share"),
    Column("threshold", \.threshold, "the threshold"),
    Column("share", \.share, "share", compare: .absolute(0.05), show: .percent(1)),
    Column("lower", \.lower, "lower end", compare: .absolute(0.05), show: .percent(1)),
    Column("upper", \.upper, "upper end", compare: .absolute(0.05), show: .percent(1)),
  ]
}
