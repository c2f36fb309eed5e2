import AISHarness

extension Exp013 {
  /// One prompt of the corpus.
  struct Row: ResultRow {
    var prompt = 0
    var split = ""
    var category = ""
    var tokens = 0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index in the corpus"),
      Column("split", \.split, "map, or test: held out"),
      Column("category", \.category, "its own category"),
      Column("tokens", \.tokens, "tokens in the chat template"),
    ]
  }
}

/// A map prompt among the others: its neighbours and its place in the picture.
struct MapPromptRow: RawRow {
  var prompt = 0
  var category = ""
  var sameCategory = 0.0
  var silhouette = 0.0
  var x = 0.0
  var y = 0.0

  static let tableName = "map_prompts"
  static let columns: [Column<MapPromptRow>] = [
    Column("prompt", \.prompt, "index in the corpus"),
    Column("category", \.category, "its category"),
    Column(
      "same_category", \.sameCategory, "share of its neighbours with its category", .within(0.21)),
    Column("silhouette", \.silhouette, "its silhouette", .within(0.01)),
    Column("x", \.x, "first coordinate; only who is near whom means anything", .unchecked),
    Column("y", \.y, "second coordinate", .unchecked),
  ]
}

/// A held-out prompt and its neighbours' vote.
struct HeldOutRow: RawRow {
  var prompt = 0
  var category = ""
  var vote = ""
  var isRight = false
  var isRightCentred = false

  static let tableName = "held_out"
  static let columns: [Column<HeldOutRow>] = [
    Column("prompt", \.prompt, "index in the corpus"),
    Column("category", \.category, "its own category"),
    Column("vote", \.vote, "its neighbours' vote"),
    Column("is_right", \.isRight, "the vote is its category"),
    Column(
      "is_right_centred", \.isRightCentred, "so is the vote with the map's mean probe taken off"),
  ]
}
