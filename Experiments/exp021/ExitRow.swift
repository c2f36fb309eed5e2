import AISHarness

extension Exp021 {
  /// One prompt at one threshold.
  ///
  /// Only tokens after the chat template's opening count, since it is the same in every prompt; the
  /// pass has the opening's rows too.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var setting = ""
    var threshold = 0.0
    var tokens = 0
    var exits = ""
    var exited = 0
    var executedLayers = 0
    var passRows = 0
    var executedRowLayers = 0
    var computedRowLayers = 0
    var filledRowLayers = 0
    var agreeing = 0
    var exitedAgreeing = 0
    var kl = 0.0
    var lastAgrees = false
    var isIdentical = false
    var scoredExits = ""
    var scoredExited = 0
    var scoredExecutedLayers = 0
    var scoredAgreeing = 0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "the prompt's category"),
      Column(
        "setting", \.setting, "the threshold, oracle, or the full model in another number format"),
      Column(
        "threshold", \.threshold,
        "a row exits where its score is above; none for the oracle and other number formats"),
      Column("tokens", \.tokens, "tokens after the chat template's opening"),
      Column("exits", \.exits, "how many of them exited, layer:tokens", .unchecked),
      Column("exited", \.exited, "tokens that exited", .within(1)),
      Column(
        "executed_layers", \.executedLayers, "blocks computed for these tokens, all together",
        .within(30)),
      Column("pass_rows", \.passRows, "rows of the pass, the opening's among them"),
      Column(
        "executed_row_layers", \.executedRowLayers,
        "rows times blocks of the pass: of rows that had not exited", .within(30)),
      Column(
        "computed_row_layers", \.computedRowLayers,
        "the same with rows that had exited and were computed for nothing", .within(60)),
      Column(
        "filled_row_layers", \.filledRowLayers,
        "rows times layers of which keys and values alone were computed", .within(30)),
      Column(
        "agreeing", \.agreeing, "tokens with the full model's most probable next token", .within(2)),
      Column("exited_agreeing", \.exitedAgreeing, "those of them that exited", .within(2)),
      Column("kl_base_exit", \.kl, "mean KL(base‖exit) over the tokens", .nats(4, within: 1e-2)),
      Column("last_agrees", \.lastAgrees, "the last position's most probable token is the same"),
      Column("is_identical", \.isIdentical, "no bit of any row's logits differs"),
      Column(
        "scored_exits", \.scoredExits, "who would exit by the scores of the full model's states",
        .unchecked),
      Column("scored_exited", \.scoredExited, "tokens that would exit so", .within(1)),
      Column(
        "scored_executed_layers", \.scoredExecutedLayers, "blocks that would then be computed",
        .within(30)),
      Column(
        "scored_agreeing", \.scoredAgreeing,
        "tokens whose readout there has the full model's most probable token", .within(2)),
    ]
  }
}
