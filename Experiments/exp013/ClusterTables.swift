import AISHarness

/// How well one category's prompts are separated from the others.
struct SeparationRow: ResultRow {
  var category = ""
  var prompts = 0
  var chance = 0.0
  var homogeneity = 0.0
  var silhouette = 0.0
  var heldOut = 0
  var recall = 0.0
  var recallLower = 0.0
  var recallUpper = 0.0

  static let columns: [Column<SeparationRow>] = [
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
    Column(
      "recall", \.recall, "of those, recognised by their neighbours' vote",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "recall_lower", \.recallLower, "lower end of its 95 % interval (Wilson)",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "recall_upper", \.recallUpper, "upper end of its 95 % interval", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}

/// A map prompt's place in the picture, and its neighbours' vote.
struct PointRow: ResultRow {
  var prompt = 0
  var category = ""
  var x = Float(0)
  var y = Float(0)
  var sameCategory = Float(0)
  var silhouette = Float(0)

  static let columns: [Column<PointRow>] = [
    Column("prompt", \.prompt, "index in the corpus"),
    Column("category", \.category, "its category"),
    Column("x", \.x, "first coordinate; only who is near whom means anything", compare: .ignored),
    Column("y", \.y, "second coordinate", compare: .ignored),
    Column(
      "same_category", \.sameCategory, "share of its neighbours with its category",
      compare: .absolute(0.21)),
    Column("silhouette", \.silhouette, "its silhouette", compare: .absolute(0.01)),
  ]
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

/// A held-out prompt and its neighbours' vote.
struct VoteRow: ResultRow {
  var prompt = 0
  var category = ""
  var vote = ""
  var isRight = false

  static let columns: [Column<VoteRow>] = [
    Column("prompt", \.prompt, "index in the corpus"),
    Column("category", \.category, "its own category"),
    Column("vote", \.vote, "its neighbours' vote"),
    Column("is_right", \.isRight, "the vote is its category"),
  ]
}
