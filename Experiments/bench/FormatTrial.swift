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
        "kl_sum", \.kl, "KL(f32‖format) of the next tokens, summed",
        ValueStyle(unit: "nats", compare: .ignored)),
      Column("agreeing", \.agreeing, "positions with the same most probable token", .unchecked),
      Column("largest", \.largest, "largest difference of a logit", .unchecked),
    ]
  }
}

/// Compares formats with float32 on the prompts that come with the code, to judge their speed
/// fairly.
struct FormatTrial {
  private let types: [ComputeType]

  init(_ types: [ComputeType]) { self.types = types.filter { $0 != .f32 } }

  func run(in lab: Lab<Bench.Row>) throws {
    let base = try lab.languageModel(.f32)
    let prompts = try StarterData.prompts.map { try base.tokens(ofMessage: $0.text) }
    for type in types {
      let other = try lab.languageModel(type).decoder
      try lab.measureEach(
        Array(prompts.indices), "\(type.rawValue): distance to f32",
        by: { "\(type.rawValue) \($0)" }, rowKey: { "\($0.format) \($0.prompt)" },
        { prompt in
          let rows = try TextBaseline(base.decoder, prompts[prompt]).compare(with: other)
          return Bench.Row(
            format: type.rawValue, prompt: prompt, tokens: rows.count,
            kl: rows.reduce(0) { $0 + $1.klBaseSkip },
            agreeing: rows.count(where: \.topOneAgrees),
            largest: rows.map(\.largestDifference).max() ?? 0)
        })
    }
  }
}
