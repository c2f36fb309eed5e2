import AISHarness

extension Exp022 {
  /// How far the tokens of one prompt ran, under one variant, in a batch with other prompts.
  struct Row: ResultRow {
    /// The phase in which the routed model writes its own text.
    static let free = "free"

    var phase = ""
    var batch = 0
    var variant = ""
    var prompt = 0
    var category = ""
    var tokens = 0
    var exited = 0
    var exits = ""
    var executedLayers = 0
    var passes = 0
    var passLayers = 0
    var computedRowLayers = 0
    var filledRowLayers = 0

    /// The name of its phase, batch size and variant, as of their comparison.
    var name: String { SpeedItem.name(phase, batch, variant) }
    var key: String { "\(name) \(prompt)" }

    /// Adds routed tokens: the layers after which they exited, and the blocks that ran for them.
    mutating func add(exits layers: some Collection<Int>, layers executed: Int) {
      let counts = ExitCounts(sum: [ExitCounts(text: exits), ExitCounts(layers)])
      (exits, exited) = (counts.text, counts.total)
      tokens += layers.count
      executedLayers += executed
    }

    static let columns: [Column<Row>] = [
      Column("phase", \.phase, phaseMeaning),
      Column("batch", \.batch, "sequences"),
      Column("variant", \.variant, "which tokens exit where"),
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "its category"),
      Column("tokens", \.tokens, "its routed tokens", .within(100)),
      Column("exited", \.exited, "those that exited early", .within(100)),
      Column("exits", \.exits, "how many exited, layer:tokens", .unchecked),
      Column(
        "executed_layers", \.executedLayers, "blocks run for them, all together", .relative(0.2)),
      Column("passes", \.passes, "routed passes of the batch that it is in"),
      Column("pass_layers", \.passLayers, "blocks that they ran for any token", .relative(0.1)),
      Column(
        "computed_row_layers", \.computedRowLayers,
        "tokens × blocks computed in all of the batch's passes, exited tokens included",
        .relative(0.1)),
      Column(
        "filled_row_layers", \.filledRowLayers,
        "tokens × layers of which keys and values alone were computed", .relative(0.5)),
    ]
  }

  static let phaseMeaning =
    "prefill: prompts; decode: given tokens after prompts that ran in full; free: the exiting "
    + "model's own tokens until its end token, after prompts whose tokens exit too, as in exp023"
}
