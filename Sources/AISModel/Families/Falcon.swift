extension ModelFamily {
  /// Falcon: LayerNorm, parallel halves after one norm (7B) or two (40B, 180B).
  ///
  /// The small first models have sequential halves and ALiBi.
  static let falcon = ModelFamily(
    name: "Falcon",
    shape: { config in
      config.norm.kind = .layer
      config.residual = .parallel(sharesNorm: true)
      config.activation = .gelu
      config.isGated = false
    },
    huggingFace: HuggingFace(
      types: ["falcon"],
      names: WeightNames(
        names: [
          .embedding: "word_embeddings", .finalNorm: "ln_f", .head: "lm_head",
          .attentionNorm: "h.#.input_layernorm|h.#.ln_attn",
          .fusedQKV: "h.#.self_attention.query_key_value",
          .attentionOutput: "h.#.self_attention.dense",
          .feedForwardNorm: "h.#.post_attention_layernorm|h.#.ln_mlp",
          .up: "h.#.mlp.dense_h_to_4h", .down: "h.#.mlp.dense_4h_to_h",
        ],
        prefixes: ["transformer.", ""], qkvOrder: .byKeyValueHead),
      assumes: Assumed(epsilon: 1e-5)
    ) { config, json in
      let isNew = try json.boolIfPresent("new_decoder_architecture") ?? false
      let isParallel = try json.boolIfPresent("parallel_attn") ?? true
      if !isNew {
        let sharesKeys = try json.boolIfPresent("multi_query") ?? true
        config.kvHeads = sharesKeys ? 1 : config.queryHeads
      }
      let norms = try json.integerIfPresent("num_ln_in_parallel_attn") ?? (isNew ? 2 : 1)
      config.residual =
        isNew || isParallel ? .parallel(sharesNorm: norms != 2) : .sequential
      config.biases = .norm
      if try json.boolIfPresent("bias") == true {
        config.biases.formUnion([.qkv, .attentionOutput, .feedForward])
      }
      if try json.boolIfPresent("alibi") == true {
        config.removeRotaries()
        // The bias is added before the scores are scaled.
        config.distanceSlopes = ModelConfig.alibiSlopes(heads: config.queryHeads).map {
          $0 * config.layers[0].attentionScale
        }
      }
    },
    gguf: GGUF(
      architectures: ["falcon"],
      // If there are two norms, the second is the attention's.
      names: [
        .attentionNorm: "blk.#.attn_norm_2|blk.#.attn_norm",
        .feedForwardNorm: "blk.#.attn_norm",
      ]
    ) { config, file in
      let hasTwo = file.weights.name(.attentionNorm) != file.weights.name(.feedForwardNorm)
      config.residual = .parallel(sharesNorm: !hasTwo)
    })
}
