import AISHarness
import AISKit

/// A set of layers replaced by bridges, as measured on the validation split.
struct SearchRow: ResultRow {
  var found = ""
  var layers = ""
  var layersOut = 0
  var bridges = 0
  var kl = 0.0
  var topOne = 0.0

  init() {}

  init(_ found: String, _ candidate: BridgeSearch.Candidate) {
    (self.found, layers) = (found, candidate.text)
    (layersOut, bridges) = (candidate.layerCount, candidate.runs.count)
    (kl, topOne) = (candidate.kl, candidate.topOneAgreement)
  }

  static let columns: [Column<SearchRow>] = [
    Column("found", \.found, "how it came up"),
    Column("layers", \.layers, "layers left out, a bridge for each run"),
    Column("layers_out", \.layersOut, "how many"),
    Column("bridges", \.bridges, "how many bridges stand for them"),
    Column(
      "kl", \.kl, unit: "nats", "mean KL(full‖bridged), validation prompts",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "top1", \.topOne, "positions with the same most probable token", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}

/// The best set for one category and the best for all, on prompts that chose neither.
struct CategoryRow: ResultRow {
  var category = ""
  var layers = ""
  var kl = 0.0
  var everywhere = 0.0

  static let columns: [Column<CategoryRow>] = [
    Column("category", \.category, "the category"),
    Column("layers", \.layers, "the set with the least KL on some of its validation prompts"),
    Column(
      "kl", \.kl, unit: "nats", "its KL on others of them", compare: .absolute(0.02),
      show: .decimals(3)),
    Column(
      "kl_of_best", \.everywhere, unit: "nats",
      "KL there of the set that is best over all categories",
      compare: .absolute(0.02), show: .decimals(3)),
  ]
}

/// A bridge fitted to a number of tokens.
struct CurveRow: ResultRow {
  var form = ""
  var tokens = 0
  var error = 0.0
  var kl = 0.0
  var topOne = 0.0
  var seconds = 0.0

  static let columns: [Column<CurveRow>] = [
    Column("form", \.form, "what stands for the layers"),
    Column("tokens", \.tokens, "tokens that it was fitted to"),
    Column(
      "error", \.error, "squared error over what the layers add, texts that chose the penalty",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "kl", \.kl, unit: "nats", "mean KL(full‖bridged), validation prompts",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "top1", \.topOne, "positions with the same most probable token", compare: .absolute(0.02),
      show: .percent(1)),
    Column(
      "seconds", \.seconds, unit: "s",
      "reading and fitting up to here, the forms of the table, all of the page's runs read at once",
      compare: .ignored, show: .decimals(0)),
  ]
}

/// A bridge whose map has a limited rank.
struct RankRow: ResultRow {
  var form = ""
  var rank = 0
  var parameters = 0
  var error = 0.0
  var kl = 0.0
  var topOne = 0.0

  static let columns: [Column<RankRow>] = [
    Column("form", \.form, "what stands for the layers"),
    Column("rank", \.rank, "the most that its map may have"),
    Column("parameters", \.parameters, "numbers that its products read for a token"),
    Column(
      "error", \.error, "squared error over what the layers add, texts that chose the penalty",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "kl", \.kl, unit: "nats", "mean KL(full‖bridged), validation prompts",
      compare: .absolute(0.02), show: .decimals(3)),
    Column(
      "top1", \.topOne, "positions with the same most probable token", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}

/// How often a layer's own readout has the full model's token.
struct LensRow: ResultRow {
  var layer = 0
  var readout = ""
  var agreement = 0.0
  var lower = 0.0
  var upper = 0.0

  static let columns: [Column<LensRow>] = [
    Column("layer", \.layer, "the layer that is read out"),
    Column("readout", \.readout, "by the head alone, or behind an exit bridge"),
    Column(
      "agreement", \.agreement, "positions with the full model's most probable token",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval", compare: .absolute(0.02),
      show: .percent(1)),
    Column("upper", \.upper, "upper end of it", compare: .absolute(0.02), show: .percent(1)),
  ]
}
