/// The least that a forward pass must do under a plan, counted from the model's shape.
///
/// Of the last layer that is not left out only the rows that get logits are read, so the others count
/// there with their queries, keys and values alone.
public struct ModelWork: Sendable, Equatable {
  /// One matrix product, or one layer's attention.
  public struct Part: Sendable, Equatable {
    /// Multiplications and additions, counted separately.
    public let floatingPointOperations: Double
    /// Bytes of packed weights, or of cached keys and values, that are read once.
    public let bytes: Double
  }

  /// The pass's products and attentions.
  public let parts: [Part]
  /// Multiplications and additions in matrix products and attention, counted separately.
  public let floatingPointOperations: Double
  /// Bytes of packed weights that the pass reads.
  public let weightBytes: Double

  /// The work of a pass over sequences of equal length.
  ///
  /// - Parameters:
  ///   - config: the model's shape.
  ///   - plan: what is left out; a blended layer is computed, so it counts as one that runs.
  ///   - sequences: sequences in the batch.
  ///   - rows: new tokens of each sequence.
  ///   - position: tokens before them.
  ///   - logitRows: rows of each sequence that get logits.
  ///   - activeRows: rows that each layer computes, of all sequences together, where some have left;
  ///     `nil`: all. Those that are left are taken to see as many positions as all do on average.
  ///   - sizes: bytes of a weight, in layers and in the head.
  public init(
    config: ModelConfig, plan: DepthPlan = .full, sequences: Int = 1, rows: Int,
    position: Int = 0, logitRows: Int = 1, activeRows: [Int]? = nil,
    weights sizes: WeightSizes
  ) {
    precondition(activeRows.map { $0.count == config.layerCount } ?? true, "a count a layer")
    var parts: [Part] = []
    var weights = 0.0
    func product(_ parameters: Int, read: Int? = nil, rows: Int, _ size: Double) {
      let bytes = Double(read ?? parameters) * size
      weights += bytes
      parts.append(
        Part(
          floatingPointOperations: 2 * Double(rows) * Double(parameters), bytes: bytes))
    }
    if config.embeddingProjectionParameters > 0 {
      product(config.embeddingProjectionParameters, rows: rows * sequences, sizes.layers)
    }
    let last = plan.lastActiveLayer(of: config.layerCount)
    for layer in 0..<config.layerCount {
      let active = activeRows?[layer] ?? rows * sequences
      guard active > 0 else { continue }
      // Of each sequence the last; of rows that have left, the same share.
      let read = layer == last ? Swift.min(logitRows, rows) : rows
      let kept = (active * read + rows - 1) / rows
      if case .bridge(let packed) = plan[layer], packed.bridge.parameters > 0 {
        product(packed.bridge.parameters, rows: active, sizes.layers)
      }
      if plan[layer].runsAttention { product(config.qkvParameters, rows: active, sizes.layers) }
      if plan[layer].runsAttention, kept > 0 {
        let share = Double(active) / Double(rows * sequences)
        let window = config.layers[layer].window ?? .max
        let keys = (rows - read..<rows).reduce(0) { $0 + Swift.min(position + $1 + 1, window) }
        // Scores and weighted values: two products of headDim for each query head and visible key.
        // Keys and values are float32 in the cache.
        let seen = Swift.min(position + rows - read, window - 1) + read
        let cached = seen * 2 * config.kvHeads * config.headDim * 4
        parts.append(
          Part(
            floatingPointOperations: 4 * Double(config.attentionWidth) * Double(keys * sequences)
              * share, bytes: Double(cached * sequences) * min(1, share * Double(read))))
        product(config.attentionOutputParameters, rows: kept, sizes.layers)
      }
      if plan[layer].runsFeedForward, kept > 0 {
        product(
          config.activeFeedForwardParameters,
          read: config.feedForwardParameters(readBy: kept), rows: kept, sizes.layers)
      }
    }
    product(config.headParameters, rows: logitRows * sequences, sizes.head)
    self.parts = parts
    floatingPointOperations = parts.reduce(0) { $0 + $1.floatingPointOperations }
    weightBytes = weights
  }
}

/// Bytes of a weight as a product reads it.
public struct WeightSizes: Sendable, Equatable {
  /// On average over the layers.
  public let layers: Double
  /// In the head.
  public let head: Double

  /// Sizes from their values.
  public init(layers: Double, head: Double) {
    self.layers = layers
    self.head = head
  }

  /// Four bytes everywhere.
  public static let f32 = WeightSizes(layers: 4, head: 4)
  /// Two bytes everywhere.
  public static let bf16 = WeightSizes(layers: 2, head: 2)
}

extension DecoderModel {
  /// Bytes of a weight as this model holds it; padding of the packed form included.
  public var weightSizes: WeightSizes {
    let matrices = blocks.flatMap(\.weights.matrices)
    let bytes = matrices.reduce(0) { $0 + $1.byteCount }
    let count = matrices.reduce(0) { $0 + $1.outputs * $1.inputs }
    let head = exit.weights.head
    return WeightSizes(
      layers: Double(bytes) / Double(max(count, 1)),
      head: Double(head.byteCount) / Double(max(head.outputs * head.inputs, 1)))
  }

  /// Bytes of all weights that products read.
  public var weightBytes: Int {
    let ends = [exit.weights.head, exit.weights.projection].compactMap { $0 }
    return (blocks.flatMap(\.weights.matrices) + ends).reduce(0) { $0 + $1.byteCount }
  }
}

extension BlockWeights {
  /// Every matrix of the block.
  fileprivate var matrices: [WeightMatrix] {
    switch feedForward {
    case .dense(let network): [qkv, attentionOutput, network.input, network.down]
    case .mixture(let router, let experts):
      [qkv, attentionOutput, router] + experts.flatMap { [$0.input, $0.down] }
    }
  }
}
