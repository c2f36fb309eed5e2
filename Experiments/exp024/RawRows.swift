import AISHarness
import AISKit

/// An MMLU question answered under one way to save.
struct AnswerRow: RawRow {
  var kind = ""
  var setting = ""
  var question = 0
  var subject = ""
  var gold = 0
  var answer = 0

  var name: String { "\(kind) \(setting)" }
  var key: String { "\(name) \(question)" }
  var isRight: Bool { answer == gold }

  static let tableName = "answers"
  static let columns: [Column<AnswerRow>] = [
    Column("kind", \.kind, "how it saves"),
    Column("setting", \.setting, "which layers, or which number format"),
    Column("question", \.question, "row of the question in the file"),
    Column("subject", \.subject, "its subject"),
    Column("gold", \.gold, "the right choice"),
    Column("answer", \.answer, "the choice with the highest probability a character"),
  ]
}

/// A set of layers replaced by bridges or left out, as measured on the validation split.
struct SearchRow: RawRow {
  var found = ""
  var layers = ""
  var layersOut = 0
  var bridges = 0
  var kl = 0.0
  var topOne = 0.0

  init() {}

  init(_ found: String, _ candidate: BridgeSearch.Candidate, bridges: Int? = nil) {
    (self.found, layers, layersOut) = (found, candidate.text, candidate.layerCount)
    self.bridges = bridges ?? candidate.runs.count
    (kl, topOne) = (candidate.kl, candidate.topOneAgreement)
  }

  static let tableName = "search"
  static let columns: [Column<SearchRow>] = [
    Column("found", \.found, "how it came up"),
    Column("layers", \.layers, "layers left out"),
    Column("layers_out", \.layersOut, "how many"),
    Column("bridges", \.bridges, "bridges that replace them, one for each run; 0: hard skip"),
    kl("mean KL(full‖this), validation prompts", \.kl),
    topOne(\.topOne),
  ]
}

/// A validation text of one category under one candidate set of layers.
struct CategoryRow: RawRow {
  var category = ""
  var layers = ""
  var isJudging = false
  var text = 0
  var positions = 0
  var kl = 0.0

  static let tableName = "category_texts"
  static let columns: [Column<CategoryRow>] = [
    Column("category", \.category, "the category"),
    Column("layers", \.layers, "layers replaced by bridges"),
    Column("judges", \.isJudging, "the text judges the choice; else it chooses"),
    Column("text", \.text, "index of the text"),
    Column("positions", \.positions, "its judged positions"),
    Column(
      "kl", \.kl, unit: "nats", "KL(full‖bridged), summed over them", compare: .relative(0.02)),
  ]
}

/// A bridge fitted to a number of tokens, with a bound on its rank.
struct FitRow: RawRow {
  var study = ""
  var run = ""
  var form = ""
  var tokens = 0
  var rank = 0
  var parameters = 0
  var error = 0.0
  var kl = 0.0
  var topOne = 0.0
  var seconds = 0.0

  static let tableName = "fits"
  static let columns: [Column<FitRow>] = [
    Column("study", \.study, "what is varied: tokens or rank", show: .hidden),
    Column("run", \.run, "the layers that it replaces"),
    Column("form", \.form, "what replaces the layers"),
    Column("tokens", \.tokens, "tokens that it was fitted to"),
    Column("rank", \.rank, "the highest rank that its map may have"),
    Column("parameters", \.parameters, "numbers that its products read for a token"),
    Column(
      "error", \.error, "squared error over what the layers add, texts that chose the penalty",
      compare: .absolute(0.02), show: .decimals(3)),
    kl("mean KL(full‖bridged), validation prompts", \.kl),
    topOne(\.topOne),
    Column(
      "seconds", \.seconds, unit: "s", "reading and fitting up to here, all runs read at once",
      compare: .ignored, show: .decimals(0)),
  ]
}

/// How often a layer's own readout has the full model's token, in one test prompt.
struct LensRow: RawRow {
  var prompt = 0
  var layer = 0
  var readout = ""
  var positions = 0
  var agreements = 0

  static let tableName = "lens_prompts"
  static let columns: [Column<LensRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("layer", \.layer, "the layer that is read out"),
    Column("readout", \.readout, "by the head alone, or after an exit bridge"),
    Column("positions", \.positions, "its judged positions"),
    Column(
      "agreements", \.agreements, "positions with the full model's most probable token",
      compare: .absolute(2)),
  ]
}

extension ResultRow {
  fileprivate static func kl(
    _ meaning: String, _ path: WritableKeyPath<Self, Double> & Sendable
  ) -> Column<Self> {
    Column("kl", path, unit: "nats", meaning, compare: .absolute(0.02), show: .decimals(3))
  }

  fileprivate static func topOne(
    _ path: WritableKeyPath<Self, Double> & Sendable
  ) -> Column<Self> {
    Column(
      "top1", path, "positions with the same most probable token", compare: .absolute(0.02),
      show: .percent(1))
  }
}
