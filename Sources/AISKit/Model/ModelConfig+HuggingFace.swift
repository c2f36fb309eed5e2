extension ModelConfig {
  /// What differs between the families of Hugging Face configurations, beside the fields themselves:
  /// the values that transformers assumes for absent fields, and what a family always has.
  private struct HuggingFaceFamily {
    var kvHeads: Int?
    var headDim: Int?
    var contextLength: Int
    var slidingWindow: Int?
    var qkvBias: Bool?
    var queryKeyNorm = false
    /// Sliding windows are off unless `use_sliding_window` says so, and then from
    /// `max_window_layers` on.
    var optsIntoWindows = false
  }

  /// The families by `model_type`; a further one of this kind is an entry.
  private static let huggingFaceFamilies: [String: HuggingFaceFamily] = [
    "llama": HuggingFaceFamily(contextLength: 2048),
    "mistral": HuggingFaceFamily(
      kvHeads: 8, contextLength: 131_072, slidingWindow: 4096, qkvBias: false),
    "qwen2": HuggingFaceFamily(
      kvHeads: 32, contextLength: 32_768, slidingWindow: 4096, qkvBias: true,
      optsIntoWindows: true),
    "qwen3": HuggingFaceFamily(
      kvHeads: 32, headDim: 128, contextLength: 32_768, slidingWindow: 4096, queryKeyNorm: true,
      optsIntoWindows: true),
  ]

  /// Reads a folder's config.json, in the layout of transformers 4 (`rope_theta`, `rope_scaling`) or
  /// 5 (`rope_parameters`).
  ///
  /// - Throws: `CheckpointError` for absent or mistyped fields, `ModelError` for an architecture or a
  ///   variant that is not supported.
  public init(huggingFace folder: HuggingFaceFolder) throws {
    let json = folder.config
    let type = try json.string("model_type")
    guard let family = Self.huggingFaceFamilies[type] else {
      throw ModelError(
        "\(json.file), model_type",
        expected: "one of \(Self.huggingFaceFamilies.keys.sorted().joined(separator: ", "))",
        found: "'\(type)'")
    }
    if let activation = try json.stringIfPresent("hidden_act"),
      !["silu", "swish"].contains(activation)
    {
      throw ModelError("\(json.file), hidden_act", expected: "silu", found: "'\(activation)'")
    }
    let layers = try json.integer("num_hidden_layers")
    let heads = try json.integer("num_attention_heads")
    let hidden = try json.integer("hidden_size")
    let kvHeads = try json.integerIfPresent("num_key_value_heads") ?? family.kvHeads ?? heads
    let headDim =
      try json.integerIfPresent("head_dim") ?? family.headDim ?? hidden / Swift.max(heads, 1)
    let attentionBias = try json.boolIfPresent("attention_bias") ?? false
    let tied = try json.boolIfPresent("tie_word_embeddings")
    let checkpoint = Checkpoint.huggingFace(folder)
    self.init(
      architecture: type, vocabularySize: try json.integer("vocab_size"), hiddenSize: hidden,
      intermediateSize: try json.integer("intermediate_size"), layerCount: layers,
      queryHeads: heads, kvHeads: kvHeads, headDim: headDim,
      contextLength: try json.integerIfPresent("max_position_embeddings") ?? family.contextLength,
      normEpsilon: Float(try json.numberIfPresent("rms_norm_eps") ?? 1e-6),
      rotary: try Self.rotary(json, headDim: headDim),
      slidingWindows: try Self.slidingWindows(json, family: family, layers: layers),
      hasQKVBias: family.qkvBias ?? attentionBias,
      hasAttentionOutputBias: family.qkvBias == nil && attentionBias,
      hasFeedForwardBias: try json.boolIfPresent("mlp_bias") ?? false,
      hasQueryKeyNorm: family.queryKeyNorm,
      tiesEmbeddings: tied ?? !checkpoint.contains(.head))
    try validate(source: json.file)
  }

  private static func rotary(_ json: JSONSection, headDim: Int) throws -> RotaryEmbedding {
    let parameters = try json.sectionIfPresent("rope_parameters")
    let scaling = try parameters ?? json.sectionIfPresent("rope_scaling")
    let base =
      try parameters?.numberIfPresent("rope_theta") ?? json.numberIfPresent("rope_theta") ?? 10_000
    var rotary = RotaryEmbedding(base: base, dimension: headDim)
    guard let scaling else { return rotary }
    // Older files say "type", newer ones "rope_type".
    let kind =
      try scaling.stringIfPresent("rope_type") ?? scaling.stringIfPresent("type") ?? "default"
    switch kind {
    case "default":
      break
    case "linear":
      rotary.scaling = .linear(factor: try positive(scaling, "factor"))
    case "llama3":
      rotary.scaling = .llama3(
        factor: try positive(scaling, "factor"),
        lowFrequency: try positive(scaling, "low_freq_factor"),
        highFrequency: try positive(scaling, "high_freq_factor"),
        originalContext: try scaling.integerIfPresent("original_max_position_embeddings")
          ?? json.integer("max_position_embeddings"))
    default:
      throw ModelError(
        "\(scaling.file), \(scaling.path).rope_type", expected: "default, linear or llama3",
        found: "'\(kind)'")
    }
    return rotary
  }

  private static func positive(_ json: JSONSection, _ key: String) throws -> Double {
    let value = try json.number(key)
    guard value > 0 else { throw json.error(key, expected: "a number above 0") }
    return value
  }

  private static func slidingWindows(
    _ json: JSONSection, family: HuggingFaceFamily, layers: Int
  ) throws -> [Int?] {
    guard layers > 0, layers < 100_000 else { return [] }
    let none = [Int?](repeating: nil, count: layers)
    // A family without windows ignores the key, as transformers does.
    guard let assumed = family.slidingWindow else { return none }
    if family.optsIntoWindows {
      guard try json.boolIfPresent("use_sliding_window") ?? false else { return none }
    }
    guard !json.isNull("sliding_window") else { return none }
    let window = try json.integerIfPresent("sliding_window") ?? assumed
    guard window > 0 else {
      throw json.error("sliding_window", expected: "a number of positions, or null")
    }
    if let types = try json.stringsIfPresent("layer_types") {
      guard types.count == layers else {
        throw json.error("layer_types", expected: "\(layers) entries, one for each layer")
      }
      return types.map { $0 == "sliding_attention" ? window : nil }
    }
    let first = family.optsIntoWindows ? try json.integerIfPresent("max_window_layers") ?? 28 : 0
    return (0..<layers).map { $0 >= first ? window : nil }
  }
}
