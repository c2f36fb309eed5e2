extension ModelFamily {
  /// Gemma: Llama with scaled embeddings, GELU, and norms stored as weight − 1.
  static let gemma = ModelFamily(
    name: "Gemma", shape: gemmaShape,
    huggingFace: HuggingFace(
      types: ["gemma"], names: .llama,
      assumes: Assumed(kvHeads: 16, headDim: 256, contextLength: 8192)
    ) { config, json in
      try refuseBidirectional(json)
      // The first files say GELU but mean its tanh approximation.
      if try json.stringIfPresent("hidden_act") ?? "gelu" == "gelu" {
        config.activation = .geluTanh
      }
    },
    gguf: GGUF(architectures: ["gemma"]))

  /// Gemma 2: sandwich norms, soft caps, a sliding window in every other layer.
  static let gemma2 = ModelFamily(
    name: "Gemma 2",
    shape: { config in
      gemmaShape(&config)
      config.normPlacement = [.input, .output]
    },
    huggingFace: HuggingFace(
      types: ["gemma2"], names: .gemma2,
      assumes: Assumed(
        kvHeads: 4, headDim: 256, contextLength: 8192, hasWindows: true, slidingWindow: 4096)
    ) { config, json in
      try readActivation(&config, json)
      try readScaleAndCap(&config, json, assumedCap: 30)
      config.attentionSoftCap = try softCap(json, "attn_logit_softcapping", assumed: 50)
      if try json.stringsIfPresent("layer_types") == nil { config.slide(fullEvery: 2) }
    },
    gguf: GGUF(architectures: ["gemma2"]) { config, file in
      // Older files don't store the window and the caps.
      if try file.integer("attention.sliding_window") == nil {
        for layer in config.layers.indices { config.layers[layer].window = 4096 }
      }
      try file.chooseWindows(&config, fullEvery: 2)
      config.attentionSoftCap = try file.softCap("attn_logit_softcapping", assumed: 50)
      config.logitSoftCap = try file.softCap("final_logit_softcapping", assumed: 30)
      // No key says it: of the published sizes, the one with 46 layers scales by another width.
      if config.layerCount == 46 { scaleByHiddenWidth(&config) }
    })

  /// Gemma 3: Gemma 2 with normalized queries and keys instead of soft caps, five sliding layers
  /// for each full one, and a rotary base for each kind.
  static let gemma3 = ModelFamily(
    name: "Gemma 3",
    shape: { config in
      gemmaShape(&config)
      config.normPlacement = [.input, .output]
      config.queryKeyNorm = .rms
    },
    huggingFace: HuggingFace(
      // For a model that reads images, the text model is read.
      types: ["gemma3_text", "gemma3"], names: .gemma3,
      assumes: Assumed(
        queryHeads: 8, kvHeads: 4, headDim: 256, contextLength: 131_072, rotaryBase: 1_000_000,
        hasWindows: true, slidingWindow: 4096)
    ) { config, json in
      try readActivation(&config, json)
      try readScaleAndCap(&config, json, assumedCap: nil)
      if try json.stringsIfPresent("layer_types") == nil {
        config.slide(fullEvery: try json.integerIfPresent("sliding_window_pattern") ?? 6)
      }
      try readRotaries(&config, json)
    },
    gguf: GGUF(architectures: ["gemma3"]) { config, file in
      try file.chooseWindows(&config, fullEvery: 6)
      config.logitSoftCap = try file.softCap("final_logit_softcapping", assumed: nil)
      if config.layerCount == 62 { scaleByHiddenWidth(&config) }
      let base = try file.number("rope.freq_base_swa") ?? 10_000
      turnSlidingLayers(
        &config, by: RotaryEmbedding(base: base, dimension: config.rotaries[0].dimension))
    })

  private static let gemmaShape: @Sendable (inout ModelConfig) -> Void = { config in
    config.norm.weightsAreOffsets = true
    config.activation = .geluTanh
    config.embeddingScale = Float(config.hiddenSize).squareRoot()
  }

  /// Gemma 2 and 3 ignore `hidden_act`.
  private static func readActivation(_ config: inout ModelConfig, _ json: JSONSection) throws {
    try refuseBidirectional(json)
    if try json.stringIfPresent("hidden_activation") == nil { config.activation = .geluTanh }
  }

  private static func refuseBidirectional(_ json: JSONSection) throws {
    guard try json.boolIfPresent("use_bidirectional_attention") != true else {
      throw RequestError(
        "\(json.file), use_bidirectional_attention", expected: "a causal model", found: "true")
    }
  }

  /// Reads the divisor of the scores and the cap of the logits.
  ///
  /// Only Gemma 2 has a cap of the scores, even if other files name one.
  private static func readScaleAndCap(
    _ config: inout ModelConfig, _ json: JSONSection, assumedCap: Float?
  ) throws {
    let divisor = try json.numberIfPresent("query_pre_attn_scalar") ?? 256
    guard divisor > 0 else {
      throw json.error("query_pre_attn_scalar", expected: "a number above 0")
    }
    for layer in config.layers.indices {
      config.layers[layer].attentionScale = 1 / Float(divisor).squareRoot()
    }
    config.logitSoftCap = try softCap(json, "final_logit_softcapping", assumed: assumedCap)
  }

  private static func softCap(
    _ json: JSONSection, _ key: String, assumed: Float?
  ) throws -> Float? {
    json.isNull(key) ? nil : try json.numberIfPresent(key).map { Float($0) } ?? assumed
  }

  private static func scaleByHiddenWidth(_ config: inout ModelConfig) {
    let width = Float(config.hiddenSize) / Float(config.queryHeads)
    for layer in config.layers.indices {
      config.layers[layer].attentionScale = 1 / width.squareRoot()
    }
  }

  /// Reads the rotary embeddings, from either layout of the file.
  ///
  /// Only full layers are scaled.
  private static func readRotaries(_ config: inout ModelConfig, _ json: JSONSection) throws {
    let fields = HuggingFaceFields(json, gemma3)
    let parameters = try json.sectionIfPresent("rope_parameters")
    var sliding = RotaryEmbedding(
      base: try json.numberIfPresent("rope_local_base_freq") ?? 10_000,
      dimension: config.rotaries[0].dimension)
    if let own = try parameters?.sectionIfPresent("full_attention") {
      config.rotaries[0] = try fields.rotary(headDim: config.headDim, parameters: own)
    }
    if let own = try parameters?.sectionIfPresent("sliding_attention") {
      sliding = try fields.rotary(headDim: config.headDim, parameters: own)
    }
    turnSlidingLayers(&config, by: sliding)
  }

  private static func turnSlidingLayers(
    _ config: inout ModelConfig, by rotary: RotaryEmbedding
  ) {
    config.rotaries.append(rotary)
    for layer in config.layers.indices where config.layers[layer].window != nil {
      config.layers[layer].rotary = 1
    }
  }
}

extension WeightNames {
  /// Gemma 3's names: Gemma 2's, in some files under the prefix of a model that reads images.
  fileprivate static let gemma3: WeightNames = {
    var names = gemma2
    names.prefixes += ["language_model.model.", "model.language_model."]
    return names
  }()

  /// Gemma 2's names: Llama's, with norms after each half.
  fileprivate static let gemma2 = WeightNames.llama.with([
    .attentionOutputNorm: "layers.#.post_attention_layernorm",
    .feedForwardNorm: "layers.#.pre_feedforward_layernorm",
    .feedForwardOutputNorm: "layers.#.post_feedforward_layernorm",
  ])
}
