extension ModelFamily {
  /// Qwen 2 and 2.5: Llama with biased queries, keys and values.
  static let qwen2 = ModelFamily(
    name: "Qwen 2",
    huggingFace: HuggingFace(
      types: ["qwen2"], names: .llama,
      assumes: Assumed(
        kvHeads: 32, contextLength: 32_768, hasWindows: true, slidingWindow: 4096)
    ) { config, json in
      config.biases = .qkv
      try chooseWindows(&config, json)
    },
    gguf: GGUF(architectures: ["qwen2"]))

  /// Qwen 3: Llama with normalized queries and keys.
  static let qwen3 = ModelFamily(
    name: "Qwen 3",
    shape: { $0.queryKeyNorm = .rms },
    huggingFace: HuggingFace(
      types: ["qwen3"], names: .llama,
      assumes: Assumed(
        kvHeads: 32, headDim: 128, contextLength: 32_768, hasWindows: true, slidingWindow: 4096),
      describe: chooseWindows),
    gguf: GGUF(architectures: ["qwen3"]))

  /// Keeps windows only if `use_sliding_window` is true, and only from layer `max_window_layers`
  /// on.
  private static func chooseWindows(_ config: inout ModelConfig, _ json: JSONSection) throws {
    let isOn = try json.boolIfPresent("use_sliding_window") ?? false
    let limit = try json.integerIfPresent("max_window_layers") ?? 28
    let first = try json.stringsIfPresent("layer_types") == nil ? limit : 0
    for layer in config.layers.indices where !isOn || layer < first {
      config.layers[layer].window = nil
    }
  }
}
