extension ModelFamily {
  /// Llama and models of the same shape: CodeLlama, TinyLlama, SmolLM, Yi, the first DeepSeek.
  static let llama = ModelFamily(
    name: "Llama",
    huggingFace: HuggingFace(types: ["llama"], names: .llama) { config, json in
      if try json.boolIfPresent("mlp_bias") == true { config.biases.insert(.feedForward) }
    },
    // GGUF files of Mistral and Mixtral models say "llama", too.
    gguf: GGUF(
      architectures: ["llama"],
      // Older files have one tensor for each expert.
      names: [
        .expertGate: "blk.#.ffn_gate_exps|blk.#.ffn_gate.@",
        .expertUp: "blk.#.ffn_up_exps|blk.#.ffn_up.@",
        .expertDown: "blk.#.ffn_down_exps|blk.#.ffn_down.@",
      ],
      pairing: .interleaved))

  /// Mistral: Llama with sliding windows.
  static let mistral = ModelFamily(
    name: "Mistral",
    huggingFace: HuggingFace(
      types: ["mistral"], names: .llama,
      assumes: Assumed(
        kvHeads: 8, contextLength: 131_072, hasWindows: true, slidingWindow: 4096)
    ) { config, _ in config.biases = [] })

  /// Mixtral: Mistral with a mixture of experts in every layer.
  static let mixtral = ModelFamily(
    name: "Mixtral",
    huggingFace: HuggingFace(
      types: ["mixtral"],
      names: .llama.with([
        .router: "layers.#.block_sparse_moe.gate",
        .expertGate: "layers.#.block_sparse_moe.experts.@.w1",
        .expertUp: "layers.#.block_sparse_moe.experts.@.w3",
        .expertDown: "layers.#.block_sparse_moe.experts.@.w2",
      ]),
      assumes: Assumed(
        kvHeads: 8, contextLength: 131_072, epsilon: 1e-5, rotaryBase: 1_000_000,
        hasWindows: true)
    ) { config, json in
      config.biases = []
      config.experts = ModelConfig.Experts(
        count: try json.integerIfPresent("num_local_experts") ?? 8,
        perToken: try json.integerIfPresent("num_experts_per_tok") ?? 2)
    })
}

extension WeightNames {
  /// Llama's names, which many families share.
  static let llama = WeightNames(
    names: [
      .embedding: "embed_tokens", .finalNorm: "norm", .head: "lm_head",
      .attentionNorm: "layers.#.input_layernorm",
      .query: "layers.#.self_attn.q_proj", .key: "layers.#.self_attn.k_proj",
      .value: "layers.#.self_attn.v_proj",
      .queryNorm: "layers.#.self_attn.q_norm", .keyNorm: "layers.#.self_attn.k_norm",
      .attentionOutput: "layers.#.self_attn.o_proj",
      .feedForwardNorm: "layers.#.post_attention_layernorm",
      .gate: "layers.#.mlp.gate_proj", .up: "layers.#.mlp.up_proj",
      .down: "layers.#.mlp.down_proj",
    ],
    prefixes: ["model.", ""])
}
