import AISHarness

extension Exp018 {
  /// One prompt's next token under a plan whose speed is measured.
  struct Row: ResultRow {
    var plan = ""
    var prompt = 0
    var category = ""
    var kl = 0.0
    var topOneAgrees = false

    static let columns: [Column<Row>] = [
      Column("plan", \.plan, "which plan: the seed's, or the best one found"),
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "its category"),
      Column("kl_base_skip", \.kl, "KL(base‖skip) of the next token", .nats(within: 1e-2)),
      Column("top1_agrees", \.topOneAgrees, "the same most probable token"),
    ]
  }
}
