import AISHarness
import AISKit

/// One way to save that is compared with the full model.
///
/// It is a row, so that the processes that time it and a run that goes on know it without a search.
struct Point: RawRow {
  /// How the model is computed.
  enum Kind: String, CaseIterable {
    case format = "number format"
    case hard = "hard skip"
    case soft = "soft skip, α = 0.7"
    case passing = "bridge, position 0 unchanged"
    case map = "bridge"
    case merged = "ReplaceMe"
    case graft = "graft"
    case both = "graft and bridge"
    case exit = "token exit"
    case exitBridged = "token exit, bridged"

    init(_ form: BridgeForm) {
      switch form {
      case .map: self = .map
      case .merged: self = .merged
      case .graft: self = .graft
      case .both: self = .both
      }
    }

    /// The form of its bridges; `nil` if it has none.
    var form: BridgeForm? {
      self == .passing ? .map : BridgeForm.allCases.first { Kind($0) == self }
    }

    /// What it is an example of, for the colours of pictures.
    var family: String {
      switch self {
      case .format: "number format"
      case .hard: "hard skip"
      case .soft: "soft skip"
      case .exit, .exitBridged: "token exit"
      case .passing, .map, .merged, .graft, .both: "linear map"
      }
    }
  }

  /// How the layers were chosen.
  enum Choice: String {
    case none = ""
    case bridges = "best for bridges"
    case hard = "best for hard skip"
    case seed = "the seed's: the second quarter"
    case other = "best for bridges, another number"
  }

  var kindText = ""
  var setting = ""
  var layers = ""
  var rank = 0
  var choiceText = ""
  var leavesOutSink = false
  var isAsked = false
  var validationKL = Double.nan

  var kind: Kind { Kind(rawValue: kindText) ?? .format }
  var choice: Choice { Choice(rawValue: choiceText) ?? .none }
  /// The number format that computes it: a format's own, float32 for others unless their setting
  /// names one.
  var format: ComputeType {
    let named = setting.split(separator: Self.inFormat).last.map(String.init) ?? ""
    return ComputeType(rawValue: named) ?? .f32
  }
  private static let inFormat = " in "
  /// The same way in another number format.
  func computed(in format: ComputeType) -> Point {
    var point = self
    point.setting += Self.inFormat + format.rawValue
    return point
  }
  /// The score above which tokens exit.
  var threshold: Double? { setting.split(separator: Self.inFormat).first.flatMap { Double($0) } }
  /// Whether it leaves blocks out, whose time it may save.
  var leavesOut: Bool { ![.format, .soft].contains(kind) }
  /// Whether its layers are those that the search found for bridges, in float32.
  var isMain: Bool { choice == .bridges && format == .f32 }
  var name: String { "\(kindText) \(setting)" }
  var runs: [LayerRun] { LayerRun.runs(in: layers) }
  var skipped: [Int] { runs.flatMap { Array($0.layers) } }

  func timingName(_ phase: PassWorkload.Phase) -> String { "\(phase.rawValue), \(name)" }
  /// The comparison with the hard skip of the same layers.
  static let besideHard = "best bridge beside hard skip, prefill"

  /// The bridges over the layers found, in the form with the lowest KL on validation prompts.
  static func best(_ points: [Point]) -> Point? {
    points.filter { $0.isMain && $0.validationKL.isFinite }.min {
      $0.validationKL < $1.validationKL
    }
  }

  static func hard(of main: [Point]) -> Point? { main.first { $0.kind == .hard && $0.isMain } }

  static let settingMeaning =
    "which layers are left out, or above which score tokens exit; the number format, if not float32"
  static let sinkMeaning = "leaves out the layer that makes the attention sink"
  static let validationMeaning =
    "mean KL on validation prompts, by which the form of the bridges over the layers found is chosen"

  static let tableName = "points"
  static let columns: [Column<Point>] = [
    Column("kind", \.kindText, "how it saves"),
    Column("setting", \.setting, Point.settingMeaning),
    Column("layers", \.layers, "the layers that are left out or blended"),
    Column("rank", \.rank, "the highest rank of its maps; 0: no limit"),
    Column("choice", \.choiceText, "how the layers were chosen"),
    Column(
      "leaves_out_sink", \.leavesOutSink, sinkMeaning),
    Column("asked", \.isAsked, "answers MMLU questions"),
    Column("validation_kl", \.validationKL, validationMeaning, .nats()),
  ]
}

extension Exp024 {
  /// One test prompt under one way to save.
  struct Row: ResultRow {
    var kind = ""
    var setting = ""
    var prompt = 0
    var category = ""
    var positions = 0
    var kl = 0.0
    var agreements = 0
    var layersOut = 0
    var scored = 0
    var nats = 0.0
    var fullNats = 0.0

    var name: String { "\(kind) \(setting)" }

    static let columns: [Column<Row>] = [
      Column("kind", \.kind, "how it saves"),
      Column("setting", \.setting, Point.settingMeaning),
      Column("prompt", \.prompt, "index of the prompt in the sample"),
      Column("category", \.category, "its category"),
      Column("positions", \.positions, "its judged positions"),
      Column(
        "kl", \.kl, "KL(full‖this) of the next token, summed over them",
        .relative(0.02, unit: "nats")),
      Column("agreements", \.agreements, "positions with the same most probable token", .within(2)),
      Column(
        "layers_out", \.layersOut, "blocks that were not run, summed over positions", .within(20)),
      Column("scored", \.scored, "tokens whose probability counts"),
      Column("nats", \.nats, "−log of their probability", .relative(0.02, unit: "nats")),
      Column(
        "full_nats", \.fullNats, "the same under the full model", .relative(0.02, unit: "nats")),
    ]
  }
}
