/// The metadata that GGUF files of all families have in common, under the architecture's prefix.
struct GGUFFields {
  let file: GGUFFile
  let architecture: String
  let family: ModelFamily
  let weights: WeightTable
  let log: FieldLog

  /// The keys that are read from the files of every family.
  static let commonKeys = [
    "block_count", "context_length", "embedding_length", "feed_forward_length",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon", "attention.sliding_window", "expert_count",
    "expert_used_count", "rope.dimension_count", "rope.freq_base", "rope.scale_linear",
    "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length",
  ]

  /// The shape that the family and the common keys describe.
  func config(_ gguf: ModelFamily.GGUF) throws -> ModelConfig {
    let layers = try required("block_count")
    guard (1...ModelConfig.mostLayers).contains(layers) else {
      throw error(
        "block_count", expected: "1 to \(ModelConfig.mostLayers) layers", found: "\(layers)")
    }
    let hidden = try required("embedding_length")
    let heads = try required("attention.head_count")
    let headDim = try integer("attention.key_length") ?? hidden / max(heads, 1)
    let valueDim = try integer("attention.value_length") ?? headDim
    guard valueDim == headDim else {
      throw error(
        "attention.value_length", expected: "\(headDim), the width of a key", found: "\(valueDim)")
    }
    guard let embedding = weights.shape(.embedding), embedding.count == 2 else {
      throw CheckpointError(
        file: file.path, place: .tensor(weights.name(.embedding)),
        expected: "the embedding matrix, [vocabulary, \(hidden)]", found: "none")
    }
    var config = ModelConfig(
      architecture: architecture, vocabularySize: embedding[0], hiddenSize: hidden,
      intermediateSize: try required("feed_forward_length"), queryHeads: heads,
      kvHeads: try integer("attention.head_count_kv") ?? heads, headDim: headDim,
      contextLength: try required("context_length"),
      layers: Array(
        repeating: ModelConfig.LayerShape(
          window: nil, rotary: nil, attentionScale: 1 / Float(max(headDim, 1)).squareRoot()),
        count: layers))
    // The code below computes with these sizes.
    try config.validateSizes(source: file.path)
    family.shape(&config)
    // GGUF files store the weights themselves, even of families whose folders store weight − 1.
    config.norm.weightsAreOffsets = false
    config.norm.epsilon = Float(
      try number("attention.layer_norm_rms_epsilon") ?? number("attention.layer_norm_epsilon")
        ?? 1e-6)
    if family.isRotary {
      config.rotate(by: [try rotary(gguf.pairing, headDim: headDim)])
    }
    if let window = try integer("attention.sliding_window"), window > 0 {
      for layer in config.layers.indices { config.layers[layer].window = window }
    }
    if let experts = try integer("expert_count"), experts > 0 {
      config.experts = ModelConfig.Experts(
        count: experts, perToken: try required("expert_used_count"))
    }
    config.biases = biases()
    config.tiesEmbeddings = !weights.contains(.head)
    try gguf.describe(&config, self)
    return config
  }

  /// The integer under the architecture's key, or `nil`.
  func integer(_ key: String) throws -> Int? { try file.integer(full(key)) }

  /// The number under the architecture's key, or `nil`.
  func number(_ key: String) throws -> Double? { try file.number(full(key)) }

  /// The truth value under the architecture's key, or `nil`.
  func bool(_ key: String) throws -> Bool? { try file.bool(full(key)) }

  /// The key with the architecture before it; notes that it was asked for.
  private func full(_ key: String) -> String {
    let key = "\(architecture).\(key)"
    log.note(key)
    return key
  }

  /// The biases, read from the first layer: every layer has the same ones.
  private func biases() -> ModelConfig.Biases {
    let places: [(WeightRole, ModelConfig.Biases)] = [
      (.query, .qkv), (.fusedQKV, .qkv), (.attentionOutput, .attentionOutput), (.up, .feedForward),
      (.attentionNorm, .norm), (.head, .head),
    ]
    return ModelConfig.Biases(
      places.filter { weights.contains($0.0, bias: true) }.map(\.1))
  }

  /// A soft cap; 0 means none.
  func softCap(_ key: String, assumed: Float?) throws -> Float? {
    guard let cap = try number(key) else { return assumed }
    return cap == 0 ? nil : Float(cap)
  }

  private func required(_ key: String) throws -> Int {
    guard let value = try integer(key) else {
      throw error(key, expected: "an integer", found: "nothing")
    }
    return value
  }

  private func error(_ key: String, expected: String, found: String) -> CheckpointError {
    CheckpointError(
      file: file.path, place: .metadata("\(architecture).\(key)"), expected: expected,
      found: found)
  }

  // MARK: Windows

  /// Removes the window from every `period`-th layer, unless the file says which layers have one:
  /// by a period of its own, or layer by layer.
  func chooseWindows(_ config: inout ModelConfig, fullEvery period: Int) throws {
    let key = full("attention.sliding_window_pattern")
    guard file.isArray(key), let slides = try file.bools(key) else {
      return config.slide(fullEvery: try file.integer(key) ?? period)
    }
    guard slides.count == config.layerCount else {
      throw error(
        "attention.sliding_window_pattern", expected: "\(config.layerCount) values",
        found: "\(slides.count)")
    }
    for layer in config.layers.indices where !slides[layer] { config.layers[layer].window = nil }
  }

  // MARK: Positions

  private func rotary(
    _ pairing: RotaryEmbedding.Pairing, headDim: Int
  ) throws -> RotaryEmbedding {
    let dimension = try integer("rope.dimension_count") ?? headDim
    var rotary = RotaryEmbedding(
      base: try number("rope.freq_base") ?? 10_000, dimension: dimension, pairing: pairing)
    // Without a type, a factor means linear scaling; older files call it scale_linear.
    let factor = try number("rope.scaling.factor") ?? number("rope.scale_linear") ?? 1
    let kind = try file.string(full("rope.scaling.type")) ?? "linear"
    guard ["none", "linear", "yarn", "longrope"].contains(kind) else {
      throw RequestError(
        "\(file.path), \(architecture).rope.scaling.type",
        expected: "none, linear, yarn or longrope", found: "'\(kind)'")
    }
    guard factor >= 0, factor.isFinite else {
      throw error("rope.scaling.factor", expected: "a number above 0", found: "\(factor)")
    }
    // Zero means "not set".
    let stretch = kind == "none" || factor == 0 ? 1 : factor
    let original =
      try integer("rope.scaling.original_context_length") ?? required("context_length")
    let (shortName, longName) = WeightNames.ggufShortAndLongDivisors
    if kind == "yarn" {
      var yarn = RotaryEmbedding.YaRN(factor: stretch, originalContext: original)
      yarn.fast = try number("rope.scaling.yarn_beta_fast") ?? yarn.fast
      yarn.slow = try number("rope.scaling.yarn_beta_slow") ?? yarn.slow
      rotary.scaling = .yarn(yarn)
      rotary.magnitude = Float(
        try (number("rope.scaling.attn_factor") ?? 1) * yarn.magnitude())
    } else if let divisors = try divisors(WeightNames.ggufRotaryDivisors, dimension) {
      rotary.scaling = .divisors(divisors.map { $0 * Float(stretch) })
    } else if let short = try divisors(shortName, dimension),
      let long = try divisors(longName, dimension)
    {
      rotary.scaling = .longRope(short: short, long: long, originalContext: original)
      rotary.magnitude = Float(try number("rope.scaling.attn_factor") ?? 1)
    } else if stretch != 1 {
      rotary.scaling = .linear(factor: stretch)
    }
    return rotary
  }

  private func divisors(_ name: String, _ dimension: Int) throws -> [Float]? {
    guard let tensor = try file.tensorIfPresent(name) else { return nil }
    let values = tensor.dequantized()
    guard values.count == dimension / 2, values.allSatisfy({ $0 > 0 }) else {
      throw CheckpointError(
        file: file.path, place: .tensor(name), expected: "\(dimension / 2) numbers above 0",
        found: "\(values.count) numbers")
    }
    return values
  }
}
