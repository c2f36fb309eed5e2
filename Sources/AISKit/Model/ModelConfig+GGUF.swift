extension ModelConfig {
  /// What differs between the GGUF architectures of the supported families.
  private struct GGUFFamily {
    var pairing: RotaryEmbedding.Pairing
    var queryKeyNorm = false
  }

  /// The families by `general.architecture`.
  ///
  /// GGUF files of Mistral models say "llama".
  private static let ggufFamilies: [String: GGUFFamily] = [
    "llama": GGUFFamily(pairing: .interleaved),
    "qwen2": GGUFFamily(pairing: .halfSplit),
    "qwen3": GGUFFamily(pairing: .halfSplit, queryKeyNorm: true),
  ]

  /// Reads a GGUF file's metadata.
  ///
  /// - Throws: `CheckpointError` for absent or mistyped keys, `ModelError` for an architecture or a
  ///   variant that is not supported.
  public init(gguf file: GGUFFile) throws {
    guard let architecture = try file.string("general.architecture") else {
      throw CheckpointError(
        file: file.path, place: .metadata("general.architecture"),
        expected: "the architecture's name", found: "nothing")
    }
    guard let family = Self.ggufFamilies[architecture] else {
      throw ModelError(
        "\(file.path), general.architecture",
        expected: "one of \(Self.ggufFamilies.keys.sorted().joined(separator: ", "))",
        found: "'\(architecture)'")
    }
    func key(_ name: String) -> String { "\(architecture).\(name)" }
    func integer(_ name: String) throws -> Int {
      guard let value = try file.integer(key(name)) else {
        throw CheckpointError(
          file: file.path, place: .metadata(key(name)), expected: "an integer", found: "nothing")
      }
      return value
    }
    if let experts = try file.integer(key("expert_count")), experts > 0 {
      throw ModelError(
        "\(file.path), \(key("expert_count"))", expected: "a dense model, 0 experts",
        found: "\(experts)")
    }
    let checkpoint = Checkpoint.gguf(file)
    let hidden = try integer("embedding_length")
    let heads = try integer("attention.head_count")
    let layers = try integer("block_count")
    let headDim =
      try file.integer(key("attention.key_length")) ?? hidden / Swift.max(heads, 1)
    guard let embedding = file.shape(ofTensor: checkpoint.name(of: .embedding)),
      embedding.count == 2
    else {
      throw CheckpointError(
        file: file.path, place: .tensor(checkpoint.name(of: .embedding)),
        expected: "the embedding matrix, [vocabulary, \(hidden)]", found: "none")
    }
    let window = try file.integer(key("attention.sliding_window")).flatMap { $0 > 0 ? $0 : nil }
    self.init(
      architecture: architecture, vocabularySize: embedding[0], hiddenSize: hidden,
      intermediateSize: try integer("feed_forward_length"), layerCount: layers,
      queryHeads: heads, kvHeads: try file.integer(key("attention.head_count_kv")) ?? heads,
      headDim: headDim, contextLength: try integer("context_length"),
      normEpsilon: Float(try file.number(key("attention.layer_norm_rms_epsilon")) ?? 1e-6),
      rotary: try Self.rotary(
        file, prefix: architecture, pairing: family.pairing, headDim: headDim),
      slidingWindows: Array(
        repeating: window, count: layers > 0 && layers < 100_000 ? layers : 0),
      hasQKVBias: checkpoint.contains(.layer(0, .query), bias: true),
      hasAttentionOutputBias: checkpoint.contains(.layer(0, .attentionOutput), bias: true),
      hasFeedForwardBias: checkpoint.contains(.layer(0, .up), bias: true),
      hasQueryKeyNorm: family.queryKeyNorm, tiesEmbeddings: !checkpoint.contains(.head))
    try validate(source: file.path)
  }

  private static func rotary(
    _ file: GGUFFile, prefix: String, pairing: RotaryEmbedding.Pairing, headDim: Int
  ) throws -> RotaryEmbedding {
    let dimension = try file.integer("\(prefix).rope.dimension_count") ?? headDim
    var rotary = RotaryEmbedding(
      base: try file.number("\(prefix).rope.freq_base") ?? 10_000, dimension: dimension,
      pairing: pairing)
    // Without a type, a factor means linear scaling; older files call it scale_linear.
    let factor =
      try file.number("\(prefix).rope.scaling.factor")
      ?? file.number("\(prefix).rope.scale_linear") ?? 1
    let kind = try file.string("\(prefix).rope.scaling.type") ?? "linear"
    guard ["none", "linear"].contains(kind) else {
      throw ModelError(
        "\(file.path), \(prefix).rope.scaling.type", expected: "none or linear",
        found: "'\(kind)'")
    }
    guard factor >= 0, factor.isFinite else {
      throw CheckpointError(
        file: file.path, place: .metadata("\(prefix).rope.scaling.factor"),
        expected: "a number above 0", found: "\(factor)")
    }
    // Zero stands for "not set".
    let stretch = kind == "none" || factor == 0 ? 1 : factor
    let divisorName = WeightName.ggufRotaryDivisors
    if let divisors = try file.tensorIfPresent(divisorName) {
      let values = divisors.dequantized()
      guard values.count == dimension / 2, values.allSatisfy({ $0 > 0 }) else {
        throw CheckpointError(
          file: file.path, place: .tensor(divisorName),
          expected: "\(dimension / 2) numbers above 0", found: "\(values.count) numbers")
      }
      rotary.scaling = .divisors(values.map { $0 * Float(stretch) })
    } else if stretch != 1 {
      rotary.scaling = .linear(factor: stretch)
    }
    return rotary
  }
}
