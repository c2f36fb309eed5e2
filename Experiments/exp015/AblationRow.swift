import AISHarness

extension Exp015 {
  /// One layer, half layer or group left out on one prompt.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var tokens = 0
    var part = ""
    var first = 0
    var last = 0
    var kl = 0.0
    var klLast = 0.0
    var topOneAgreement = 0.0
    var lastTopOneAgrees = false
    var blockInfluence = 0.0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("tokens", \.tokens, "tokens of the prompt"),
      Column("part", \.part, "what is left out: layer, attention, feed_forward, group"),
      Column("first", \.first, "the first layer of it"),
      Column("last", \.last, "the last layer of it"),
      Column(
        "kl_base_skip", \.kl, "KL(base‖skip), mean over all positions after the template's opening",
        .nats(4, within: 1e-3)),
      Column(
        "kl_base_skip_last", \.klLast, "KL(base‖skip) at the last position", .nats(4, within: 1e-3)),
      Column(
        "top1_agreement", \.topOneAgreement, "share of positions with the same top token", .share),
      Column("last_top1_agrees", \.lastTopOneAgrees, "the same top token at the last position"),
      Column(
        "block_influence", \.blockInfluence, "1 − cos(input, output) of the layer; NaN of a group",
        .decimals(4, within: 1e-3)),
    ]
  }
}
