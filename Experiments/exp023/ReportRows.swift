import AISHarness

/// The texts at one threshold, compared with the full model's.
struct TextLine: ResultRow {
  static let setting = "the threshold, full, or the full model in another number format (placebo)"

  var setting = ""
  var texts = 0
  var identical = EstimateCells()
  var prefix = EstimateCells()
  var prefixTokens = 0.0
  var tokens = 0.0
  var ended = 0.0
  var exitRate = EstimateCells()
  var designEffect = Double.nan
  var depth = 0.0

  static let columns = Column<TextLine>.list(
    [
      Column("setting", \.setting, setting),
      Column("texts", \.texts, "prompts of the test split, one text each"),
    ],
    Column.share(
      "identical", \.identical, "texts that are the full model's, token by token", within: 0.05),
    Column.share(
      "prefix", \.prefix, "part of a text before the first difference, mean", within: 0.05),
    [
      Column(
        "prefix_tokens", \.prefixTokens, "tokens before the first difference, median",
        compare: .absolute(5), show: .decimals(1)),
      Column(
        "mean_tokens", \.tokens, "tokens of a text, mean", compare: .absolute(5),
        show: .decimals(1)),
      Column(
        "ended", \.ended, "texts that came to their own end before the limit",
        compare: .absolute(0.05), show: .percent(1)),
    ],
    Column.share(
      "exit_rate", \.exitRate, "tokens whose row exited early; prompts are the clusters",
      within: 0.05),
    [
      Column(
        "design_effect", \.designEffect, "variance of the exit rate, prompts over single tokens",
        compare: .relative(0.5), show: .decimals(1)),
      Column(
        "mean_depth", \.depth, "blocks computed for a token, mean", compare: .absolute(0.3),
        show: .decimals(2)),
    ])
}

/// The full model's perplexity and KL on the texts at one threshold.
struct ReadingLine: ResultRow {
  /// In a text that repeats itself, at least this share of its runs of four tokens occurred before.
  static let circlingShare = 0.5

  var setting = ""
  var tokens = 0
  var perplexity = 0.0
  var ratio = EstimateCells()
  var kl = EstimateCells()
  var agreement = EstimateCells()
  var repetition = EstimateCells()
  var circling = 0

  static let columns = Column<ReadingLine>.list(
    [
      Column("setting", \.setting, TextLine.setting),
      Column("tokens", \.tokens, "tokens of all texts", compare: .relative(0.05)),
      Column(
        "perplexity", \.perplexity, "the full model's perplexity of the texts",
        compare: .relative(0.05), show: .decimals(2)),
    ],
    Column.estimate(
      "perplexity_ratio", \.ratio, "the same over that of its own texts; prompts are resampled",
      compare: .relative(0.05), show: .decimals(3)),
    Column.estimate(
      "kl_base_exit", \.kl, unit: "nats",
      "mean KL(full‖this) of the distributions that chose the tokens; of full itself, rounding "
        + "between one pass and many", compare: .relative(0.05), show: .decimals(4)),
    Column.share(
      "top1_agreement", \.agreement, "tokens that the full model would choose in their place",
      within: 0.05),
    Column.share(
      "repetition", \.repetition, "runs of four tokens that the text has before, mean", within: 0.05
    ),
    [
      Column(
        "circling", \.circling, "texts of which at least half of these runs come twice",
        compare: .absolute(5))
    ])
}

/// How much of the full model's text one setting keeps.
struct KeptRow: ResultRow {
  var setting = ""
  var what = ""
  var share = EstimateCells()

  static let columns = Column<KeptRow>.list(
    [
      Column("setting", \.setting, TextLine.setting), Column("what", \.what, "whose share"),
    ],
    Column.estimate("share", \.share, "share", compare: .absolute(0.05), show: .percent(1)))
}

/// The beginning of one text.
struct TextSample: ResultRow {
  var prompt = ""
  var setting = ""
  var prefix = 0
  var tokens = 0
  var text = ""

  static let columns: [Column<TextSample>] = [
    Column("prompt_text", \.prompt, "what was asked", compare: .ignored),
    Column("setting", \.setting, TextLine.setting),
    Column(
      "prefix", \.prefix, "tokens before the first difference from the full model's text",
      compare: .ignored),
    Column("tokens", \.tokens, "tokens of the text", compare: .ignored),
    Column("text", \.text, "how it begins", compare: .ignored),
  ]
}
