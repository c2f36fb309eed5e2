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
      Column("confidence", \.confidence, "the vote's share", .decimals(2, within: 0.01)),
      Column("similarity", \.similarity, "cosine to the nearest entry", .decimals(4, within: 1e-3)),
    ]
  }
}

/// An entry of the map, looked up in it.
struct EntryRow: RawRow {
  var entry = 0
  var category = ""
  var nearest = 0
  var isFound = false

  static let tableName = "entries"
  static let columns: [Column<EntryRow>] = [
    Column("entry", \.entry, "its place in the map"),
    Column("category", \.category, "its category"),
    Column("nearest", \.nearest, "the nearest entry"),
    Column("is_found", \.isFound, "that is itself, or a probe equal to its own"),
  ]
}

/// The entries nearest to a centroid of some prompts of one category.
struct CentroidRow: RawRow {
  var category = ""
  var part = 0
  var found = 0
  var nearest = 0

  /// The part of centroids of the map's own entries.
  static let ownEntries = -1

  static let tableName = "centroids"
  static let columns: [Column<CentroidRow>] = [
    Column("category", \.category, "the prompts' category"),
    Column("part", \.part, "which part of the held-out prompts; −1: the map's own"),
    Column("found", \.found, "of the nearest entries, those of the category"),
    Column("nearest", \.nearest, "the nearest entries, 10"),
  ]
}

/// One look-up in an index.
struct QueryRow: RawRow {
  var index = ""
  var entries = 0
  var isSynthetic = false
  var query = 0
  var found = 0
  var wanted = 0
  var microseconds = 0.0

  static let indexMeaning = "exact compares every entry, approximate looks into near lists"

  static let tableName = "look_ups"
  static let columns: [Column<QueryRow>] = [
    Column("index", \.index, indexMeaning),
    Column("entries", \.entries, "vectors in the index"),
    Column("is_synthetic", \.isSynthetic, "the vectors lie around the map's probes"),
    Column("query", \.query, "the query's number"),
    Column("found", \.found, "of the exact index's neighbours, those found"),
    Column("wanted", \.wanted, "the exact index's neighbours, 10"),
    Column("time", \.microseconds, "the time it took", ValueStyle(unit: "µs", compare: .ignored)),
  ]
}
