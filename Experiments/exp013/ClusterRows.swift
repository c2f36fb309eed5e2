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
      "same_category", \.sameCategory, "share of its neighbours with its category",
      compare: .absolute(0.21)),
    Column("silhouette", \.silhouette, "its silhouette", compare: .absolute(0.01)),
    Column("x", \.x, "first coordinate; only who is near whom means anything", compare: .ignored),
    Column("y", \.y, "second coordinate", compare: .ignored),
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

/// How well one category's prompts are separated from the others.
struct SeparationRow: ResultRow {
  var category = ""
  var prompts = 0
  var chance = 0.0
  var homogeneity = 0.0
  var silhouette = 0.0
  var heldOut = 0
  var recall = EstimateCells()

  static let columns = Column<SeparationRow>.list(
    [
      Column("category", \.category, "the category"),
      Column("prompts", \.prompts, "prompts of the map split"),
      Column(
        "chance", \.chance, "share of all map prompts", compare: .absolute(1e-6), show: .percent(1)),
      Column(
        "homogeneity", \.homogeneity, "neighbours of the same category, leave-one-out",
        compare: .absolute(0.01), show: .percent(1)),
      Column(
        "silhouette", \.silhouette, "mean silhouette, cosine distance", compare: .absolute(0.005),
        show: .decimals(3)),
      Column("held_out", \.heldOut, "prompts of the test split"),
    ],
    Column.estimate(
      "recall", \.recall, "of those, recognised by their neighbours' vote",
      compare: .absolute(0.02), show: .percent(1)))
}

/// How often a category's held-out prompts are voted into each category.
struct ConfusionRow: ResultRow {
  var category = ""
  var vote = ""
  var share = 0.0

  static let columns: [Column<ConfusionRow>] = [
    Column("category", \.category, "the prompts' own category"),
    Column("vote", \.vote, "their neighbours' vote"),
    Column(
      "share", \.share, "share of the category's held-out prompts", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}
