extension ModelFamily {
  /// GPT-2: learned positions, LayerNorm, matrices stored as [inputs, outputs].
  static let gpt2 = ModelFamily(
    name: "GPT-2",
    shape: { config in
      config.norm.kind = .layer
      config.activation = .geluTanh
      config.isGated = false
      config.biases = [.qkv, .attentionOutput, .feedForward, .norm]
      config.learnedPositions = ModelConfig.LearnedPositions(count: config.contextLength)
    },
    isRotary: false,
    huggingFace: HuggingFace(
      types: ["gpt2"],
      names: WeightNames(
        names: [
          .embedding: "wte", .positions: "wpe", .finalNorm: "ln_f", .head: "lm_head",
          .attentionNorm: "h.#.ln_1", .fusedQKV: "h.#.attn.c_attn",
          .attentionOutput: "h.#.attn.c_proj",
          .feedForwardNorm: "h.#.ln_2", .up: "h.#.mlp.c_fc", .down: "h.#.mlp.c_proj",
        ],
        prefixes: ["transformer.", ""], storesInputsFirst: true),
      assumes: Assumed(contextLength: 1024, epsilon: 1e-5)
    ) { config, json in
      let isScaled = try json.boolIfPresent("scale_attn_weights") ?? true
      let dividesByLayer = try json.boolIfPresent("scale_attn_by_inverse_layer_idx") ?? false
      for layer in config.layers.indices {
        if !isScaled { config.layers[layer].attentionScale = 1 }
        if dividesByLayer { config.layers[layer].attentionScale /= Float(layer + 1) }
      }
    },
    gguf: GGUF(architectures: ["gpt2"]))
}
