import AISHarness

extension Exp023 {
  /// One prompt's text at one threshold.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var setting = ""
    var threshold = 0.0
    var tokens = 0
    var fullTokens = 0
    var finish = ""
    var behindEnd = 0
    var prefix = 0
    var prefixShare = 0.0
    var isIdentical = false
    var exits = ""
    var exited = 0
    var executedLayers = 0
    var negativeLogLikelihood = 0.0
    var kl = 0.0
    var agreeing = 0
    var repetition = 0.0
    var text = ""

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "the prompt's category"),
      Column(
        "setting", \.setting, "the threshold, full, or the full model in another number format"),
      Column("threshold", \.threshold, "a row exits where its score is above"),
      Column("tokens", \.tokens, "tokens of the text, its end token not among them", .within(100)),
      Column("full_tokens", \.fullTokens, "tokens of the full model's text", .within(100)),
      Column("finish", \.finish, "why it ended: end or length", .unchecked),
      Column("behind_end", \.behindEnd, "tokens at and after an end token in the text"),
      Column(
        "prefix", \.prefix, "tokens before the first difference from the full model's text",
        .within(100)),
      Column(
        "prefix_share", \.prefixShare, "the same as a share of the longer text", .share(within: 1)),
      Column(
        "is_identical", \.isIdentical, "the full model's tokens, and the same reason to end",
        .unchecked),
      Column("exits", \.exits, "how many tokens exited, layer:tokens", .unchecked),
      Column("exited", \.exited, "tokens whose row exited early", .within(100)),
      Column(
        "executed_layers", \.executedLayers, "blocks computed for the tokens, all together",
        .relative(1)),
      Column(
        "nll", \.negativeLogLikelihood, "−log of the text's probability under the full model",
        .relative(1, unit: "nats")),
      Column(
        "kl_base_exit", \.kl, "KL(full‖exit) of the distributions that chose the tokens, summed",
        .relative(1, unit: "nats")),
      Column(
        "agreeing", \.agreeing, "tokens that the full model would have chosen in their place",
        .within(100)),
      Column(
        "repetition", \.repetition, "share of runs of four tokens that the text has before",
        .share(within: 1)),
      Column("text", \.text, "the text", .unchecked),
    ]
  }
}
