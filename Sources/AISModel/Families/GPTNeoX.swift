extension ModelFamily {
  /// GPT-NeoX and Pythia: parallel halves with a LayerNorm each.
  ///
  /// Part of each head rotates.
  static let gptNeoX = ModelFamily(
    name: "GPT-NeoX",
    shape: { config in
      config.norm.kind = .layer
      config.residual = .parallel(sharesNorm: false)
      config.activation = .gelu
      config.isGated = false
    },
    huggingFace: HuggingFace(
      types: ["gpt_neox"],
      names: WeightNames(
        names: [
          .embedding: "embed_in", .finalNorm: "final_layer_norm", .head: "embed_out",
          .attentionNorm: "layers.#.input_layernorm",
          .fusedQKV: "layers.#.attention.query_key_value",
          .attentionOutput: "layers.#.attention.dense",
          .feedForwardNorm: "layers.#.post_attention_layernorm",
          .up: "layers.#.mlp.dense_h_to_4h", .down: "layers.#.mlp.dense_4h_to_h",
        ],
        prefixes: ["gpt_neox.", ""], qkvOrder: .byKeyValueHead),
      assumes: Assumed(epsilon: 1e-5, rotaryShare: 0.25)
    ) { config, json in
      config.biases = [.feedForward, .norm]
      if try json.boolIfPresent("attention_bias") ?? true {
        config.biases.formUnion([.qkv, .attentionOutput])
      }
      if try json.boolIfPresent("use_parallel_residual") == false {
        config.residual = .sequential
      }
    },
    gguf: GGUF(architectures: ["gptneox"]) { config, file in
      if try file.bool("use_parallel_residual") == false { config.residual = .sequential }
    })
}
