import Foundation

/// A model's shape as text for display.
struct ShapeText {
  private let config: ModelConfig

  init(_ config: ModelConfig) { self.config = config }

  var facts: [ModelInspection.Fact] {
    [
      ("Layers", layers), ("Residual stream", residual), ("Norms", norms),
      ("Attention", attention), ("Positions", positions), ("Feed-forward", feedForward),
      ("Embeddings", embeddings), ("Biases", biases), ("Context", "\(config.contextLength)"),
      ("Parameters", parameters),
    ].map { ModelInspection.Fact(name: $0.0, text: $0.1) }
  }

  private var layers: String {
    let sliding = config.layers.indices.filter { config.layers[$0].window != nil }
    guard let first = sliding.first, let window = config.layers[first].window else {
      return "\(config.layerCount), each sees all positions"
    }
    guard sliding.count < config.layerCount else {
      return "\(config.layerCount), each sees \(window) positions"
    }
    let full = config.layers.indices.filter { config.layers[$0].window == nil }
    return "\(config.layerCount): \(sliding.count) see \(window) positions, "
      + "all positions are seen by \(full.map { "\($0)" }.joined(separator: ", "))"
  }

  private var residual: String {
    let halves =
      switch config.residual {
      case .sequential: "attention, then feed-forward"
      case .parallel(sharesNorm: true): "both halves in parallel, after one norm"
      case .parallel(sharesNorm: false): "both halves in parallel, a norm for each"
      }
    return "\(config.hiddenSize) wide; \(halves)"
  }

  private var norms: String {
    let places: [(ModelConfig.NormPlacement, String)] = [
      (.input, "before each half"), (.output, "on each half's output"),
      (.residual, "on the sum after each half"),
    ]
    let named = places.filter { config.normPlacement.contains($0.0) }.map(\.1)
    var text = "\(config.norm.kind.rawValue), ε \(config.norm.epsilon), "
    text += named.joined(separator: " and ")
    if config.norm.weightsAreOffsets { text += "; stored as distances from 1" }
    if !config.norm.hasWeights { text += "; without weights" }
    if !config.hasFinalNorm { text += "; none before the LM head" }
    return text
  }

  private var attention: String {
    var text = "\(config.queryHeads) query heads, \(config.kvHeads) key-value heads, "
    text += "\(config.headDim) wide"
    let scales = Set(config.layers.map(\.attentionScale))
    text += scales.count == 1 ? "; scale \(config.layers[0].attentionScale)" : "; scale by layer"
    if let kind = config.queryKeyNorm { text += "; \(kind.rawValue) on queries and keys" }
    if let cap = config.attentionSoftCap { text += "; scores capped at \(cap)" }
    return text
  }

  private var positions: String {
    var parts: [String] = []
    if let learned = config.learnedPositions {
      parts.append("\(learned.count) learned vectors")
    }
    for (index, rotary) in config.rotaries.enumerated() {
      let users = config.layers.filter { $0.rotary == index }
      guard !users.isEmpty else { continue }
      var text = "rotary: \(rotary.dimension) of \(config.headDim) dimensions, base \(rotary.base)"
      if let scaling = Self.text(rotary.scaling) { text += ", \(scaling)" }
      if rotary.magnitude != 1 { text += ", times \(rotary.magnitude)" }
      if config.rotaries.count > 1 {
        text += users.allSatisfy { $0.window != nil } ? " (sliding layers)" : " (full layers)"
      }
      parts.append(text)
    }
    if !config.distanceSlopes.isEmpty { parts.append("ALiBi") }
    return parts.isEmpty ? "none" : parts.joined(separator: "; ")
  }

  private static func text(_ scaling: RotaryEmbedding.Scaling) -> String? {
    switch scaling {
    case .none: nil
    case .linear(let factor): "positions divided by \(factor)"
    case .llama3(let factor, _, _, _): "Llama 3's scaling by \(factor)"
    case .divisors: "a divisor for each pair"
    case .yarn(let yarn): "YaRN by \(yarn.factor)"
    case .longRope(_, _, let original): "LongRoPE beyond \(original) positions"
    }
  }

  private var feedForward: String {
    var text = "\(config.intermediateSize) wide, \(config.activation.rawValue)"
    if config.isGated { text += ", gated" }
    if let experts = config.experts {
      text += "; \(experts.count) experts, \(experts.perToken) for each token"
    }
    return text
  }

  private var embeddings: String {
    var text = "\(config.vocabularySize) tokens"
    if config.embeddingWidth != config.hiddenSize {
      text += ", \(config.embeddingWidth) wide and projected"
    }
    if config.embeddingScale != 1 { text += ", times \(config.embeddingScale)" }
    text += config.tiesEmbeddings ? "; the LM head is the same matrix" : "; a separate LM head"
    if let cap = config.logitSoftCap { text += "; logits capped at \(cap)" }
    return text
  }

  private var biases: String {
    let places: [(ModelConfig.Biases, String)] = [
      (.qkv, "queries, keys, values"), (.attentionOutput, "attention output"),
      (.feedForward, "feed-forward"), (.norm, "norms"), (.head, "head"),
    ]
    let named = places.filter { config.biases.contains($0.0) }.map(\.1)
    return named.isEmpty ? "none" : named.joined(separator: "; ")
  }

  private var parameters: String {
    let embeddings = config.embeddingWidth * config.vocabularySize
    let matrices =
      Double(config.layerCount) * Double(config.blockParameters)
      + Double(embeddings * (config.tiesEmbeddings ? 1 : 2))
      + 2 * Double(config.embeddingProjectionParameters)
    return String(format: "%.1f million, without biases and norms", matrices / 1e6)
  }
}
