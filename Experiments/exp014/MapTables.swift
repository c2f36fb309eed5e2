import AISHarness

/// Recall and votes of one category.
struct CategoryRow: ResultRow {
  var category = ""
  var entries = 0
  var inSample = 0.0
  var heldOut = 0.0
  var vote = EstimateCells()

  static let columns = Column<CategoryRow>.list(
    [
      Column("category", \.category, "the category"),
      Column("entries", \.entries, "its entries in the map"),
      Column(
        "in_sample_recall", \.inSample,
        "of the 10 entries nearest to the centroid of its own entries, those of the category",
        compare: .absolute(0.11), show: .percent(0)),
      Column(
        "held_out_recall", \.heldOut, "the same of centroids of held-out prompts, mean of five",
        compare: .absolute(0.11), show: .percent(0)),
    ],
    Column.estimate(
      "vote", \.vote, "held-out prompts whose vote is right", compare: .absolute(0.02),
      show: .percent(1)))
}

/// How often votes in a range of confidence are right.
struct ConfidenceRow: ResultRow {
  var confidence = ""
  var prompts = 0
  var right = EstimateCells()

  static let columns = Column<ConfidenceRow>.list(
    [
      Column("confidence", \.confidence, "the vote's share"),
      Column("prompts", \.prompts, "held-out prompts"),
    ],
    Column.estimate(
      "right", \.right, "votes that are right", compare: .absolute(0.03), show: .percent(1)))
}

/// The times of single look-ups in an index of one size.
struct LatencyRow: ResultRow {
  var index = ""
  var entries = 0
  var medianMicroseconds = 0.0
  var slowMicroseconds = 0.0
  var recall = EstimateCells()
  var buildSeconds = 0.0

  static let columns = Column<LatencyRow>.list(
    [
      Column("index", \.index, "exact compares every entry, approximate looks into near lists"),
      Column("entries", \.entries, "vectors in the index"),
      Column(
        "median", \.medianMicroseconds, unit: "µs", "median of single look-ups, 10 neighbours",
        compare: .ignored, show: .decimals(0)),
      Column(
        "p95", \.slowMicroseconds, unit: "µs", "95 % are faster", compare: .ignored,
        show: .decimals(0)),
    ],
    Column.estimate(
      "recall_at_10", \.recall, "of the exact index's 10 neighbours, those found",
      compare: .absolute(0.05), show: .percent(1)),
    [
      Column(
        "build", \.buildSeconds, unit: "s", "time to build the index", compare: .ignored,
        show: .decimals(1))
    ])
}
