import AISHarness

extension Exp014 {
  /// A held-out prompt's look-up.
  struct Row: ResultRow {
    var prompt = 0
    var category = ""
    var vote = ""
    var isRight = false
    var confidence = 0.0
    var similarity = 0.0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index in the corpus"),
      Column("category", \.category, "its own category"),
      Column("vote", \.vote, "the neighbours' weighted vote"),
      Column("is_right", \.isRight, "the vote is its category"),
      Column(
        "confidence", \.confidence, "the vote's share", compare: .absolute(0.01),
        show: .decimals(2)),
      Column(
        "similarity", \.similarity, "cosine to the nearest entry", compare: .absolute(1e-3),
        show: .decimals(4)),
    ]
  }
}
