import AISHarness
import AISKit

extension Bench {
  /// How far a format's next-token distributions are from float32's on one prompt.
  struct Row: ResultRow {
    var format = ""
    var prompt = 0
    var tokens = 0
    var kl = 0.0
    var agreeing = 0
    var largest = 0.0

    static let columns: [Column<Row>] = [
      Column("format", \.format, "how products are computed"),
      Column("prompt", \.prompt, "index in the starter set, in the model's chat template"),
      Column("tokens", \.tokens, "positions compared, all of the prompt"),
      Column(
        "kl_sum", \.kl, unit: "nats", "KL(f32‖format) of the next tokens, summed",
        compare: .ignored),
      Column(
        "agreeing", \.agreeing, "positions with the same most probable token", compare: .ignored),
      Column("largest", \.largest, "largest difference of a logit", compare: .ignored),
    ]
  }
}

/// Compares formats with float32 on the prompts that come with the code, to judge their speed
/// fairly.
struct FormatTrial {
  private let types: [ComputeType]

  init(_ types: [ComputeType]) { self.types = types.filter { $0 != .f32 } }

  func run(in lab: Lab<Bench.Row>) throws {
    let base = try LanguageModel(path: lab.model.path, type: .f32)
    let prompts = try StarterData.prompts.map { try base.tokens(ofMessage: $0.text) }
    for type in types {
      let other = try LanguageModel(path: lab.model.path, type: type).decoder
      try lab.measureEach(
        Array(prompts.indices), "\(type.rawValue): distance to f32",
        by: { "\(type.rawValue) \($0)" }, rowKey: { "\($0.format) \($0.prompt)" },
        { prompt in
          let rows = try compare(prompts[prompt], base.decoder, other)
          return Bench.Row(
            format: type.rawValue, prompt: prompt, tokens: rows.count,
            kl: rows.reduce(0) { $0 + $1.klBaseSkip },
            agreeing: rows.count(where: \.topOneAgrees),
            largest: rows.map(\.largestDifference).max() ?? 0)
        })
    }
  }

  private func compare(
    _ tokens: [Int32], _ base: DecoderModel, _ other: DecoderModel
  ) throws -> [LogitComparison] {
    var first = try base.makeContext(capacity: tokens.count)
    var second = try other.makeContext(capacity: tokens.count)
    try base.forward(PackedTokens(tokens), in: &first, logits: .all)
    try other.forward(PackedTokens(tokens), in: &second, logits: .all)
    return second.withAllLogits { other in
      first.withAllLogits {
        LogitComparison.rows(base: $0, other: other, width: base.config.vocabularySize)
      }
    }
  }
}

/// A format's distance to float32 over all prompts.
///
/// Intervals resample prompts, not positions.
struct FormatQuality: ResultRow {
  var format = ""
  var prompts = 0
  var tokens = 0
  var kl = EstimateCells()
  var topOne = EstimateCells()
  var largest = 0.0

  static let columns = Column<FormatQuality>.list(
    [
      Column("format", \.format, "how products are computed"),
      Column("prompts", \.prompts, "prompts of the starter set, in the model's chat template"),
      Column("tokens", \.tokens, "positions compared, all of each prompt"),
    ],
    Column.estimate(
      "kl", \.kl, unit: "nats", "mean KL(f32‖format) of the next token", compare: .ignored,
      show: .decimals(5)),
    Column.estimate(
      "top1", \.topOne, "positions with the same most probable token", compare: .ignored,
      show: .percent(2)),
    [.timing("largest", \.largest, "largest difference of a logit", digits: 3)])

  init() {}

  init(_ rows: [Bench.Row]) {
    let sizes = rows.map { Double($0.tokens) }
    (format, prompts) = (rows.first?.format ?? "", rows.count)
    tokens = rows.reduce(0) { $0 + $1.tokens }
    kl = EstimateCells(Bootstrap().ratio(rows.map(\.kl), over: sizes))
    topOne = EstimateCells(Bootstrap().ratio(rows.map { Double($0.agreeing) }, over: sizes))
    largest = rows.map(\.largest).max() ?? 0
  }
}
