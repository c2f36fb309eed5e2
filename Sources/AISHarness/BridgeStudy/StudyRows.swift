import AISKit

/// A set of layers replaced by bridges or left out, as measured on the validation split.
package struct SearchRow: RawRow {
  package var found = ""
  package var layers = ""
  package var layersOut = 0
  package var bridges = 0
  package var kl = 0.0
  package var topOne = 0.0

  package init() {}

  package init(_ found: String, _ candidate: BridgeSearch.Candidate, bridges: Int? = nil) {
    (self.found, layers, layersOut) = (found, candidate.text, candidate.layerCount)
    self.bridges = bridges ?? candidate.runs.count
    (kl, topOne) = (candidate.kl, candidate.topOneAgreement)
  }

  package static let tableName = "search"
  package static let columns: [Column<SearchRow>] = [
    Column("found", \.found, "how it came up"),
    Column("layers", \.layers, "layers left out"),
    Column("layers_out", \.layersOut, "how many"),
    Column("bridges", \.bridges, "bridges that replace them, one for each run; 0: hard skip"),
    kl("mean KL(full‖this), validation prompts", \.kl),
    Column("top1", \.topOne, "positions with the same most probable token", .share),
  ]
}

/// A validation text of one category under one candidate set of layers.
package struct CategoryRow: RawRow {
  package var category = ""
  package var layers = ""
  package var isJudging = false
  package var text = 0
  package var positions = 0
  package var kl = 0.0

  package init() {}

  package static let tableName = "category_texts"
  package static let columns: [Column<CategoryRow>] = [
    Column("category", \.category, "the category"),
    Column("layers", \.layers, "layers replaced by bridges"),
    Column("judges", \.isJudging, "the text judges the choice; else it chooses"),
    Column("text", \.text, "index of the text"),
    Column("positions", \.positions, "its judged positions"),
    Column("kl", \.kl, "KL(full‖bridged), summed over them", .relative(0.02, unit: "nats")),
  ]
}

/// A bridge fitted to a number of tokens, with a bound on its rank.
package struct FitRow: RawRow {
  package var study = ""
  package var run = ""
  package var form = ""
  package var tokens = 0
  package var rank = 0
  package var parameters = 0
  package var error = 0.0
  package var kl = 0.0
  package var topOne = 0.0
  package var seconds = 0.0

  package init() {}

  package static let tableName = "fits"
  package static let columns: [Column<FitRow>] = [
    Column("study", \.study, "what is varied: tokens or rank", .hidden),
    Column("run", \.run, "the layers that it replaces"),
    Column("form", \.form, "what replaces the layers"),
    Column("tokens", \.tokens, "tokens that it was fitted to"),
    Column("rank", \.rank, "the highest rank that its map may have"),
    Column("parameters", \.parameters, "numbers that its products read for a token"),
    Column(
      "error", \.error, "squared error over what the layers add, texts that chose the penalty",
      .decimals(3, within: 0.02)),
    kl("mean KL(full‖bridged), validation prompts", \.kl),
    Column("top1", \.topOne, "positions with the same most probable token", .share),
    Column(
      "seconds", \.seconds, "reading and fitting up to here, all runs read at once",
      .unchecked(0, unit: "s")),
  ]
}

extension ResultRow {
  fileprivate static func kl(
    _ meaning: String, _ path: WritableKeyPath<Self, Double> & Sendable
  ) -> Column<Self> {
    Column("kl", path, meaning, .nats())
  }
}
