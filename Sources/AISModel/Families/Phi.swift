extension ModelFamily {
  /// Phi 1, 1.5 and 2: parallel halves after one LayerNorm.
  ///
  /// Part of each head rotates.
  static let phi = ModelFamily(
    name: "Phi",
    shape: { config in
      config.norm.kind = .layer
      config.residual = .parallel(sharesNorm: true)
      config.activation = .geluTanh
      config.isGated = false
      config.biases = [.qkv, .attentionOutput, .feedForward, .norm, .head]
    },
    huggingFace: HuggingFace(
      types: ["phi"],
      names: .llama.with([
        .finalNorm: "final_layernorm",
        .queryNorm: "layers.#.self_attn.q_layernorm", .keyNorm: "layers.#.self_attn.k_layernorm",
        .attentionOutput: "layers.#.self_attn.dense",
        .up: "layers.#.mlp.fc1", .down: "layers.#.mlp.fc2",
      ]),
      assumes: Assumed(epsilon: 1e-5, rotaryShare: 0.5)
    ) { config, json in
      if try json.boolIfPresent("qk_layernorm") == true { config.queryKeyNorm = .layer }
    },
    gguf: GGUF(architectures: ["phi2"]))

  /// Phi 3, 3.5 and 4: Llama with fused projections and LongRoPE.
  static let phi3 = ModelFamily(
    name: "Phi 3",
    huggingFace: HuggingFace(
      types: ["phi3"],
      names: .llama.with([
        .fusedQKV: "layers.#.self_attn.qkv_proj", .fusedGateUp: "layers.#.mlp.gate_up_proj",
      ]),
      assumes: Assumed(
        contextLength: 4096, epsilon: 1e-5, namesForLongRope: ["su", "yarn"], hasWindows: true)
    ) { config, _ in config.biases = [] },
    gguf: GGUF(architectures: ["phi3"]))
}
