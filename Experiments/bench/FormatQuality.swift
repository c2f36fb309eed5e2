import AISHarness
import AISKit

/// How far a format's next-token distributions are from float32's, to judge its speed fairly.
///
/// Intervals resample prompts, not positions.
struct FormatQuality: ResultRow {
  var format = ""
  var prompts = 0
  var tokens = 0
  var kl = 0.0
  var klLower = 0.0
  var klUpper = 0.0
  var topOne = 0.0
  var topOneLower = 0.0
  var topOneUpper = 0.0
  var largest = 0.0

  static let columns: [Column<FormatQuality>] = [
    Column("format", \.format, "how products are computed"),
    Column("prompts", \.prompts, "prompts of the starter set, in the model's chat template"),
    Column("tokens", \.tokens, "positions compared, all of each prompt"),
    figure("kl", \.kl, "nats", "mean KL(f32‖format) of the next token", .decimals(5)),
    figure("kl_lower", \.klLower, "nats", "lower end of its 95 % interval", .decimals(5)),
    figure("kl_upper", \.klUpper, "nats", "upper end of it", .decimals(5)),
    figure("top1", \.topOne, "", "positions with the same most probable token", .percent(2)),
    figure("top1_lower", \.topOneLower, "", "lower end of its 95 % interval", .percent(2)),
    figure("top1_upper", \.topOneUpper, "", "upper end of it", .percent(2)),
    figure("largest", \.largest, "", "largest difference of a logit", .decimals(3)),
  ]

  private static func figure(
    _ name: String, _ path: WritableKeyPath<FormatQuality, Double> & Sendable, _ unit: String,
    _ description: String, _ show: Presentation
  ) -> Column<FormatQuality> {
    Column(name, path, unit: unit, description, compare: .ignored, show: show)
  }

  /// Compares formats with float32 on the prompts that come with the code.
  static func report(_ types: [ComputeType], in lab: Lab<Bench.Row>) throws {
    let base = try LanguageModel(path: lab.model.path, type: .f32)
    let prompts = try StarterData.prompts.map { try base.tokens(ofMessage: $0.text) }
    var rows: [FormatQuality] = []
    for type in types where type != .f32 {
      let other = try LanguageModel(path: lab.model.path, type: type)
      let meter = ProgressMeter("\(type.rawValue): distance to f32", total: prompts.count)
      let comparisons = try prompts.map { tokens in
        defer { meter.advance() }
        return try compare(tokens, base.decoder, other.decoder)
      }
      rows.append(FormatQuality(type, comparisons))
    }
    lab.tabulate(
      DerivedTable("format_quality", title: "Distance of the formats to float32", rows: rows))
  }

  private static func compare(
    _ tokens: [Int32], _ base: DecoderModel, _ other: DecoderModel
  ) throws -> [LogitComparison] {
    let batch = PackedTokens(tokens)
    var first = try base.makeContext(capacity: tokens.count)
    var second = try other.makeContext(capacity: tokens.count)
    try base.forward(batch, in: &first, logits: .all)
    try other.forward(batch, in: &second, logits: .all)
    let width = base.config.vocabularySize
    return second.withAllLogits { other in
      first.withAllLogits { LogitComparison.rows(base: $0, other: other, width: width) }
    }
  }
}

extension FormatQuality {
  fileprivate init(_ type: ComputeType, _ comparisons: [[LogitComparison]]) {
    self.init()
    format = type.rawValue
    (prompts, tokens) = (comparisons.count, comparisons.reduce(0) { $0 + $1.count })
    let kl = Bootstrap().mean(ofClusters: comparisons.map { $0.map(\.klBaseSkip) })
    (self.kl, klLower, klUpper) = (kl.value, kl.interval.lower, kl.interval.upper)
    let same = Bootstrap().mean(
      ofClusters: comparisons.map { $0.map { $0.topOneAgrees ? 1 : 0 } })
    (topOne, topOneLower, topOneUpper) = (same.value, same.interval.lower, same.interval.upper)
    largest = comparisons.joined().map(\.largestDifference).max() ?? 0
  }
}
