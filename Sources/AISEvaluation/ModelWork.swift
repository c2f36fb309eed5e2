/// The minimum work of a forward pass under a plan, counted from the model's shape.
///
/// The last layer that is not skipped computes outputs only for the rows that get logits. For the
/// other rows it computes only the fused projection of queries, keys and values.
public struct ModelWork: Sendable, Equatable {
  /// The work of one matrix product, or of one layer's attention.
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
  ///   - plan: the plan. A blended layer is computed, so it counts as run.
  ///   - sequences: sequences in the batch.
  ///   - rows: new tokens of each sequence.
  ///   - position: tokens before them.
  ///   - logitRows: rows of each sequence that get logits.
  ///   - activeRows: rows that each step computes, of all sequences together, if rows exit;
  ///     `nil`: all rows. The remaining rows are assumed to see the same mean number of positions
  ///     as all rows.
  ///   - sizes: bytes of a weight, in layers and in the LM head.
  public init(
    config: ModelConfig, plan: DepthPlan = .full, sequences: Int = 1, rows: Int,
    position: Int = 0, logitRows: Int = 1, activeRows: [Int]? = nil,
    weights sizes: WeightSizes
  ) {
    let planned = plan.steps(of: config.layerCount)
    precondition(activeRows.map { $0.count == planned.count } ?? true, "a count for each step")
    let last = plan.lastActiveStep(of: config.layerCount)
    let steps = planned.map { step, action in
      let active = activeRows?[step.index] ?? rows * sequences
      // The last active step reads the last `logitRows` rows of each sequence. After exits, it
      // reads the same share of the remaining rows.
      let read = step.index == last ? Swift.min(logitRows, rows) : rows
      return StepWork(
        step, action, rows: active, outputRows: (active * read + rows - 1) / rows)
    }
    self.init(
      config: config, steps: steps, sequences: sequences, rows: rows, position: position,
      logitRows: logitRows, weights: sizes
    ) { $0 == last ? Swift.min(logitRows, rows) : rows }
  }

  /// The work of a traced pass, under any policy, over sequences of equal length.
  ///
  /// - Parameters:
  ///   - config: the model's shape.
  ///   - trace: the pass's counts.
  ///   - sequences: sequences in the batch.
  ///   - rows: new tokens of each sequence.
  ///   - position: tokens before them.
  ///   - logitRows: rows of each sequence that got logits.
  ///   - sizes: bytes of a weight, in layers and in the LM head.
  public init(
    config: ModelConfig, tracedBy trace: DepthTrace, sequences: Int = 1, rows: Int,
    position: Int = 0, logitRows: Int = 1, weights sizes: WeightSizes
  ) {
    self.init(
      config: config, steps: trace.work, sequences: sequences, rows: rows, position: position,
      logitRows: logitRows, weights: sizes
    ) { index in
      let step = trace.work[index]
      return Swift.min(rows, step.outputRows * rows / Swift.max(step.rows, 1))
    }
  }

  private init(
    config: ModelConfig, steps: [StepWork], sequences: Int, rows: Int, position: Int,
    logitRows: Int, weights sizes: WeightSizes, readRows: (_ step: Int) -> Int
  ) {
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
    for (index, step) in steps.enumerated() where step.rows > 0 {
      let (active, kept) = (step.rows, step.outputRows)
      if step.mapParameters > 0 { product(step.mapParameters, rows: active, sizes.layers) }
      if step.parts.contains(.attention) {
        product(config.qkvParameters, rows: active, sizes.layers)
        if kept > 0 {
          parts.append(
            Self.attention(
              config, step, sequences: sequences, rows: rows, position: position,
              read: readRows(index)))
          product(config.attentionOutputParameters, rows: kept, sizes.layers)
        }
      }
      if step.parts.contains(.feedForward), kept > 0 {
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

  /// The attention of the last `read` rows of each sequence, scores and weighted values: two dot
  /// products of headDim numbers for each query head and visible key.
  private static func attention(
    _ config: ModelConfig, _ step: StepWork, sequences: Int, rows: Int, position: Int, read: Int
  ) -> Part {
    let share = Double(step.rows) / Double(rows * sequences)
    let window = config.layers[step.layer].window ?? .max
    let keys = (rows - read..<rows).reduce(0) { $0 + Swift.min(position + $1 + 1, window) }
    let seen = Swift.min(position + rows - read, window - 1) + read
    // The cache stores keys and values as float32.
    let cached = seen * 2 * config.kvHeads * config.headDim * 4
    return Part(
      floatingPointOperations: 4 * Double(config.attentionWidth) * Double(keys * sequences) * share,
      bytes: Double(cached * sequences) * min(1, share * Double(read)))
  }
}

/// Bytes of a weight as a product reads it.
public struct WeightSizes: Sendable, Equatable {
  /// The mean over the layers' weights.
  public let layers: Double
  /// In the LM head.
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
  /// Bytes of a weight as this model stores it, including the padding of the packed form.
  public var weightSizes: WeightSizes {
    let matrices = blockWeights.flatMap(\.matrices)
    let bytes = matrices.reduce(0) { $0 + $1.byteCount }
    let count = matrices.reduce(0) { $0 + $1.outputs * $1.inputs }
    let head = readout.weights.head
    return WeightSizes(
      layers: Double(bytes) / Double(max(count, 1)),
      head: Double(head.byteCount) / Double(max(head.outputs * head.inputs, 1)))
  }

  /// Bytes of all weights that products read.
  public var weightBytes: Int {
    let ends = [readout.weights.head, readout.weights.projection].compactMap { $0 }
    return (blockWeights.flatMap(\.matrices) + ends).reduce(0) { $0 + $1.byteCount }
  }
}
