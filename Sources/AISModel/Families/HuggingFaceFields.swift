/// The fields of config.json that families have in common, under each name that some family uses.
///
/// Reads the layouts of transformers 4 (`rope_theta`, `rope_scaling`) and 5 (`rope_parameters`).
struct HuggingFaceFields {
  let json: JSONSection
  let family: ModelFamily
  private var assumes: ModelFamily.Assumed { family.huggingFace.assumes }

  init(_ json: JSONSection, _ family: ModelFamily) {
    self.json = json
    self.family = family
  }

  /// The shape that the family and the common fields describe.
  ///
  /// Two things may be absent from the fields and come from the weights: `hasHead` (whether there
  /// is an LM head) and `embeddingRows` (the number of tokens).
  func config(
    _ architecture: String, hasHead: Bool, embeddingRows: Int?
  ) throws -> ModelConfig {
    let layers = try json.required(["num_hidden_layers", "n_layer"], json.integerIfPresent)
    guard (1...ModelConfig.mostLayers).contains(layers) else {
      throw json.error("num_hidden_layers", expected: "1 to \(ModelConfig.mostLayers) layers")
    }
    let heads =
      try json.first(["num_attention_heads", "n_head"], json.integerIfPresent)
      ?? assumes.queryHeads ?? json.integer("num_attention_heads")
    let hidden = try json.required(
      ["hidden_size", "n_embd", "n_embed"], json.integerIfPresent)
    // A null field is not an absent one: null means the usual value, absent means the family's.
    let usualDim = hidden / max(heads, 1)
    let headDim =
      json.isNull("head_dim")
      ? usualDim : try json.integerIfPresent("head_dim") ?? assumes.headDim ?? usualDim
    let kvHeads =
      json.isNull("num_key_value_heads")
      ? heads
      : try json.first(["num_key_value_heads", "num_kv_heads"], json.integerIfPresent)
        ?? assumes.kvHeads ?? heads
    let inner = try json.first(
      ["intermediate_size", "ffn_dim", "ffn_hidden_size", "n_inner"], json.integerIfPresent)
    let context = try json.first(
      ["max_position_embeddings", "n_positions", "n_ctx"], json.integerIfPresent)
    var config = ModelConfig(
      architecture: architecture,
      vocabularySize: try json.integerIfPresent("vocab_size") ?? embeddingRows
        ?? json.integer("vocab_size"),
      hiddenSize: hidden, intermediateSize: inner ?? 4 &* hidden, queryHeads: heads,
      kvHeads: kvHeads, headDim: headDim, contextLength: context ?? assumes.contextLength,
      layers: Array(
        repeating: ModelConfig.LayerShape(
          window: nil, rotary: nil, attentionScale: 1 / Float(max(headDim, 1)).squareRoot()),
        count: layers))
    // The code below computes with these sizes.
    try config.validateSizes(source: json.file)
    family.shape(&config)
    config.norm.epsilon = Float(
      try json.first(
        ["rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"], json.numberIfPresent)
        ?? assumes.epsilon)
    if let activation = try activation() { config.activation = activation }
    if family.isRotary {
      config.rotate(by: [try rotary(headDim: headDim, parameters: nil)])
    }
    try readWindows(into: &config)
    if try json.boolIfPresent("attention_bias") == true {
      config.biases.formUnion([.qkv, .attentionOutput])
    }
    config.tiesEmbeddings =
      try json.boolIfPresent("tie_word_embeddings") ?? !hasHead
    try family.huggingFace.describe(&config, json)
    return config
  }

  // MARK: Activation

  private static let activations: [String: ModelConfig.Activation] = [
    "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_new": .geluTanh,
    "gelu_pytorch_tanh": .geluTanh, "gelu_fast": .geluTanh, "quick_gelu": .geluQuick,
    "relu": .relu,
  ]

  private func activation() throws -> ModelConfig.Activation? {
    let keys = ["hidden_activation", "hidden_act", "activation_function", "activation"]
    for key in keys {
      guard let name = try json.stringIfPresent(key) else { continue }
      guard let activation = Self.activations[name] else {
        throw RequestError(
          "\(json.file), \(key)",
          expected: "one of \(Self.activations.keys.sorted().joined(separator: ", "))",
          found: "'\(name)'")
      }
      return activation
    }
    return nil
  }

  // MARK: Positions

  /// The rotary embedding.
  ///
  /// `parameters` are given if each kind of layer has its own.
  func rotary(headDim: Int, parameters: JSONSection?) throws -> RotaryEmbedding {
    let parameters = try parameters ?? json.sectionIfPresent("rope_parameters")
    let scaling = try parameters ?? json.sectionIfPresent("rope_scaling")
    let share =
      try parameters?.numberIfPresent("partial_rotary_factor")
      ?? json.first(["partial_rotary_factor", "rotary_pct"], json.numberIfPresent)
      ?? assumes.rotaryShare
    guard share >= 0, share <= 1 else {
      throw json.error("partial_rotary_factor", expected: "a share from 0 to 1")
    }
    let base =
      try parameters?.numberIfPresent("rope_theta")
      ?? json.first(["rope_theta", "rotary_emb_base"], json.numberIfPresent) ?? assumes.rotaryBase
    var rotary = RotaryEmbedding(base: base, dimension: Int(Double(headDim) * share))
    // Read in any case, so that it counts as known. Without a scaling it has no effect.
    let original = try json.integerIfPresent("original_max_position_embeddings")
    if let scaling { try readScaling(scaling, original, into: &rotary) }
    return rotary
  }

  private func readScaling(
    _ scaling: JSONSection, _ original: Int?, into rotary: inout RotaryEmbedding
  ) throws {
    // Older files say "type", newer ones "rope_type".
    let kind =
      try scaling.stringIfPresent("rope_type") ?? scaling.stringIfPresent("type") ?? "default"
    // Older files of families with LongRoPE give it other names.
    switch assumes.namesForLongRope.contains(kind) ? "longrope" : kind {
    case "default":
      break
    case "linear":
      rotary.scaling = .linear(factor: try scaling.positive("factor"))
    case "llama3":
      rotary.scaling = .llama3(
        factor: try scaling.positive("factor"),
        lowFrequency: try scaling.positive("low_freq_factor"),
        highFrequency: try scaling.positive("high_freq_factor"),
        originalContext: try originalContext(scaling, original))
    case "yarn":
      var yarn = RotaryEmbedding.YaRN(
        factor: try scaling.positive("factor"),
        originalContext: try originalContext(scaling, original))
      yarn.fast = try scaling.numberIfPresent("beta_fast") ?? yarn.fast
      yarn.slow = try scaling.numberIfPresent("beta_slow") ?? yarn.slow
      yarn.truncates = try scaling.boolIfPresent("truncate") ?? true
      rotary.scaling = .yarn(yarn)
      rotary.magnitude = Float(
        try scaling.numberIfPresent("attention_factor")
          ?? yarn.magnitude(
            scaling.numberIfPresent("mscale"), over: scaling.numberIfPresent("mscale_all_dim")))
    case "longrope":
      try readLongRope(scaling, original, into: &rotary)
    default:
      throw RequestError(
        "\(scaling.file), \(scaling.path).rope_type",
        expected: "default, linear, llama3, yarn or longrope", found: "'\(kind)'")
    }
  }

  private func readLongRope(
    _ scaling: JSONSection, _ original: Int?, into rotary: inout RotaryEmbedding
  ) throws {
    func divisors(_ key: String) throws -> [Float] {
      let values = try scaling.numbers(key)
      guard values.count == rotary.dimension / 2, values.allSatisfy({ $0 > 0 }) else {
        throw scaling.error(key, expected: "\(rotary.dimension / 2) numbers above 0")
      }
      return values.map { Float($0) }
    }
    let original = try originalContext(scaling, original)
    rotary.scaling = .longRope(
      short: try divisors("short_factor"), long: try divisors("long_factor"),
      originalContext: original)
    let factor =
      try scaling.numberIfPresent("factor")
      ?? Double(json.integer("max_position_embeddings")) / Double(max(original, 1))
    rotary.magnitude = Float(
      try scaling.numberIfPresent("attention_factor")
        ?? RotaryEmbedding.longRopeMagnitude(factor: factor, originalContext: original))
  }

  /// The context length before it was extended.
  ///
  /// `stated`, from outside the scaling's section, wins.
  private func originalContext(_ scaling: JSONSection, _ stated: Int?) throws -> Int {
    let key = "original_max_position_embeddings"
    let context =
      try stated ?? scaling.integerIfPresent(key) ?? json.integer("max_position_embeddings")
    guard context > 0 else { throw scaling.error(key, expected: "a number above 0") }
    return context
  }

  // MARK: Windows

  /// A window for the layers that `layer_types` names, or for all.
  private func readWindows(into config: inout ModelConfig) throws {
    // A family without windows ignores the key, as transformers does.
    guard assumes.hasWindows, !json.isNull("sliding_window"),
      let window = try json.integerIfPresent("sliding_window") ?? assumes.slidingWindow
    else { return }
    guard window > 0 else {
      throw json.error("sliding_window", expected: "a number of positions, or null")
    }
    let slides = try slidingLayers(count: config.layerCount)
    for layer in config.layers.indices where slides?[layer] ?? true {
      config.layers[layer].window = window
    }
  }

  /// Which layers have a sliding window by `layer_types`; `nil` if that field is absent.
  private func slidingLayers(count: Int) throws -> [Bool]? {
    guard let types = try json.stringsIfPresent("layer_types") else { return nil }
    guard types.count == count else {
      throw json.error("layer_types", expected: "\(count) entries, one for each layer")
    }
    return try types.map { type in
      guard ["sliding_attention", "full_attention"].contains(type) else {
        throw json.error(
          "layer_types", expected: "sliding_attention and full_attention alone")
      }
      return type == "sliding_attention"
    }
  }
}

extension JSONSection {
  /// The value under the first of several names that has one.
  func first<Value>(
    _ keys: [String], _ read: (String) throws -> Value?
  ) throws -> Value? {
    for key in keys {
      if let value = try read(key) { return value }
    }
    return nil
  }

  /// The value under the first of several names that has one; an error names the first.
  func required<Value>(_ keys: [String], _ read: (String) throws -> Value?) throws -> Value {
    guard let value = try first(keys, read) else {
      let others = keys.dropFirst().joined(separator: ", ")
      throw error(keys[0], expected: "a value here, or under \(others)")
    }
    return value
  }

  /// A number above 0.
  func positive(_ key: String) throws -> Double {
    let value = try number(key)
    guard value > 0 else { throw error(key, expected: "a number above 0") }
    return value
  }
}
