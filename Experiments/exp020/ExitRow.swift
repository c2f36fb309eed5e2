import AISHarness

extension Exp020 {
  /// One test prompt under the threshold that was chosen for one share of wrong exits.
  struct Row: ResultRow {
    var risk = 0.0
    var threshold = 0.0
    var prompt = 0
    var category = ""
    var positions = 0
    var exits = 0
    var disagreements = 0

    static let columns: [Column<Row>] = [
      Column("delta", \.risk, "wrong exits that are allowed, of all tokens"),
      Column("threshold", \.threshold, "the threshold chosen for it; above 1: none", .within(0.05)),
      Column("prompt", \.prompt, "index of the prompt in the test sample"),
      Column("category", \.category, "the prompt's own category"),
      Column("positions", \.positions, "positions that were looked at"),
      Column("exits", \.exits, "of those, where the token exits", .within(3)),
      Column(
        "disagreements", \.disagreements,
        "of those, where the layer's own readout has another top token than the full model",
        .within(3)),
    ]
  }
}
