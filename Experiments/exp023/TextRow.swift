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
      Column(
        "tokens", \.tokens, "tokens of the text, its end token not among them",
        compare: .absolute(100)),
      Column(
        "full_tokens", \.fullTokens, "tokens of the full model's text", compare: .absolute(100)),
      Column("finish", \.finish, "why it ended: end or length", compare: .ignored),
      Column("behind_end", \.behindEnd, "tokens at and after an end token in the text"),
      Column(
        "prefix", \.prefix, "tokens before the first difference from the full model's text",
        compare: .absolute(100)),
      Column(
        "prefix_share", \.prefixShare, "the same as a share of the longer text",
        compare: .absolute(1), show: .percent(1)),
      Column(
        "is_identical", \.isIdentical, "the full model's tokens, and the same reason to end",
        compare: .ignored),
      Column("exits", \.exits, "how many tokens exited, layer:tokens", compare: .ignored),
      Column("exited", \.exited, "tokens whose row exited early", compare: .absolute(100)),
      Column(
        "executed_layers", \.executedLayers, "blocks computed for the tokens, all together",
        compare: .relative(1)),
      Column(
        "nll", \.negativeLogLikelihood, unit: "nats",
        "−log of the text's probability under the full model", compare: .relative(1)),
      Column(
        "kl_base_exit", \.kl, unit: "nats",
        "KL(full‖exit) of the distributions that chose the tokens, summed", compare: .relative(1)),
      Column(
        "agreeing", \.agreeing, "tokens that the full model would have chosen in their place",
        compare: .absolute(100)),
      Column(
        "repetition", \.repetition, "share of runs of four tokens that the text has before",
        compare: .absolute(1), show: .percent(1)),
      Column("text", \.text, "the text", compare: .ignored),
    ]
  }
}
