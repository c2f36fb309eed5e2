import AISKit
import TestSupport

/// The shape of a small model, for estimates.
enum SmallShape {
  static let config: ModelConfig = {
    var config = ModelConfig(
      architecture: "llama", vocabularySize: 77, hiddenSize: 40, intermediateSize: 52,
      queryHeads: 6, kvHeads: 2, headDim: 20, contextLength: 256, layers: [])
    config.layers = Array(
      repeating: .init(window: nil, rotary: nil, attentionScale: 1), count: 5)
    return config
  }()
}
