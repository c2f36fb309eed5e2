extension ModelFamily {
  /// OPT: learned positions that begin at the table's third row, LayerNorm, ReLU.
  ///
  /// The 350M model normalizes after each half. Its embeddings are narrower than its residual
  /// stream.
  static let opt = ModelFamily(
    name: "OPT",
    shape: { config in
      config.norm.kind = .layer
      config.activation = .relu
      config.isGated = false
      config.biases = [.qkv, .attentionOutput, .feedForward, .norm]
      config.learnedPositions = ModelConfig.LearnedPositions(
        count: config.contextLength, offset: 2)
    },
    isRotary: false,
    huggingFace: HuggingFace(
      types: ["opt"],
      names: WeightNames(
        names: [
          .embedding: "embed_tokens", .positions: "embed_positions",
          .embeddingProjection: "project_in", .headProjection: "project_out",
          .finalNorm: "final_layer_norm", .head: "lm_head",
          .attentionNorm: "layers.#.self_attn_layer_norm",
          .query: "layers.#.self_attn.q_proj", .key: "layers.#.self_attn.k_proj",
          .value: "layers.#.self_attn.v_proj", .attentionOutput: "layers.#.self_attn.out_proj",
          .feedForwardNorm: "layers.#.final_layer_norm",
          .up: "layers.#.fc1", .down: "layers.#.fc2",
        ],
        prefixes: ["model.decoder.", "decoder.", ""]),
      assumes: Assumed(epsilon: 1e-5)
    ) { config, json in
      config.embeddingWidth =
        try json.integerIfPresent("word_embed_proj_dim") ?? config.hiddenSize
      let isPreNorm = try json.boolIfPresent("do_layer_norm_before") ?? true
      let dropsFinal = try json.boolIfPresent("_remove_final_layer_norm") ?? false
      config.normPlacement = isPreNorm ? .input : .residual
      config.hasFinalNorm = isPreNorm && !dropsFinal
      if try json.boolIfPresent("enable_bias") == false { config.biases = .norm }
      if try json.boolIfPresent("layer_norm_elementwise_affine") == false {
        config.norm.hasWeights = false
        config.biases.remove(.norm)
      }
    })
}
