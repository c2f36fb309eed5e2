/// The weights of one transformer block.
package struct BlockWeights: Sendable {
  package let attentionNorm: NormWeights?
  package let qkv: WeightMatrix
  package let queryNorm: NormWeights?
  package let keyNorm: NormWeights?
  package let attentionOutput: WeightMatrix
  package let attentionOutputNorm: NormWeights?
  package let feedForwardNorm: NormWeights?
  package let feedForward: FeedForwardWeights
  package let feedForwardOutputNorm: NormWeights?
}

extension BlockWeights {
  /// Every matrix of the block.
  package var matrices: [WeightMatrix] {
    switch feedForward {
    case .dense(let network): [qkv, attentionOutput, network.input, network.down]
    case .mixture(let router, let experts):
      [qkv, attentionOutput, router] + experts.flatMap { [$0.input, $0.down] }
    }
  }
}

/// Rows that a block computes together.
struct BlockRows {
  var count: Int
  /// Shape: [count, hiddenSize], float32.
  var hidden: any DeviceBuffer
  /// Buffer for the attention's normalized input.
  ///
  /// Shape: [count, hiddenSize], compute type.
  var normed: any DeviceBuffer
  /// The rows' projected queries, each beside its row's keys and values.
  ///
  /// Shape: [count, qkvWidth], float32.
  var queries: any DeviceBuffer
  var table: any RowTable
}

/// One transformer block: its attention and its feed-forward half, each added to the residual
/// stream.
///
/// The residual stream is updated in place. All other buffers are the pass's scratch memory.
struct Block {
  let config: ModelConfig
  let weights: BlockWeights
  private let attention: AttentionShape
  private let rotary: Int?
  private let feedForward: FeedForward

  init(config: ModelConfig, layer: Int, weights: BlockWeights, slopes: (any DeviceBuffer)?) {
    let shape = config.layers[layer]
    self.config = config
    self.weights = weights
    rotary = shape.rotary
    attention = AttentionShape(
      queryHeads: config.queryHeads, kvHeads: config.kvHeads, headDim: config.headDim,
      rotary: shape.rotary.map { config.rotaries[$0] }.map {
        RotaryShape(dimension: $0.dimension, isInterleaved: $0.pairing == .interleaved)
      },
      queryNorm: weights.queryNorm, keyNorm: weights.keyNorm, scale: shape.attentionScale,
      softCap: config.attentionSoftCap ?? 0, slopes: slopes, window: shape.window ?? 0)
    feedForward = FeedForward(config: config, weights: weights.feedForward)
  }

  /// Computes queries, keys and values of rows, and stores keys and values in a cache slot.
  ///
  /// The rows may be about to run the block, or may have exited before it. `exited` says what is
  /// stored for rows that have.
  func project(
    _ rows: BlockRows, _ pass: Pass, slot: Int, exited: ExitedEntries = .nothing
  ) throws {
    let input = input(
      rows.hidden, through: weights.attentionNorm, into: rows.normed,
      isKept: config.residual == .parallel(sharesNorm: true))
    try pass.stream.multiply(input, rows: rows.count, by: weights.qkv, .write(rows.queries))
    pass.stream.rotateAndStore(
      rows.queries, attention, rows: rows.table, angles: rotary.map { pass.angles[$0] },
      into: pass.cache.device, slot: slot, exited: exited)
  }

  /// Runs halves of the block on rows and adds their outputs.
  ///
  /// The attention's queries must have been projected.
  ///
  /// - Parameters:
  ///   - rows: the rows; their hidden states are read and written.
  ///   - pass: the pass.
  ///   - step: the step.
  ///   - parts: which halves run.
  ///   - down: replaces the down-projection.
  ///   - hasNormed: whether the pass's `normed` still holds these rows, as `project` wrote them.
  /// - Throws: an error of the device.
  func run(
    _ rows: BlockRows, _ pass: Pass, _ step: Step, _ parts: BlockParts, down: WeightMatrix?,
    hasNormed: Bool
  ) throws {
    if parts.contains(.attention) {
      pass.stream.attend(
        rows.queries, attention, rows: rows.table, over: pass.cache.device, slot: step.cacheSlot,
        holes: pass.holes(step), into: pass.inner)
    }
    // Parallel halves both read the residual stream as it was before either. If they share a norm,
    // `project` has already written the feed-forward half's input.
    var input: (any DeviceBuffer)?
    if hasNormed, parts.contains(.attention), config.residual == .parallel(sharesNorm: true) {
      input = pass.normed
    } else if parts.contains(.feedForward), config.residual != .sequential {
      let aside = pass.arena.buffer(.aside, rowBytes: config.hiddenSize * pass.activationBytes)
      input = pass.stream.activations(
        self.input(rows.hidden, through: weights.feedForwardNorm, into: aside),
        rows: rows.count, width: config.hiddenSize)
    }
    if parts.contains(.attention) { try addAttention(rows, pass) }
    if parts.contains(.feedForward) { try addFeedForward(rows, pass, input, down) }
  }

  private func addAttention(_ rows: BlockRows, _ pass: Pass) throws {
    try add(
      pass, to: rows.hidden, rows: rows.count, outputNorm: weights.attentionOutputNorm,
      residualNorm: weights.attentionNorm
    ) { target, accumulate in
      try pass.stream.multiply(
        .activations(pass.inner), rows: rows.count, by: weights.attentionOutput,
        accumulate ? .add(target, pass.activeRows) : .write(target))
    }
  }

  private func addFeedForward(
    _ rows: BlockRows, _ pass: Pass, _ known: (any DeviceBuffer)?, _ down: WeightMatrix?
  ) throws {
    let input =
      known.map { .activations($0) }
      ?? input(rows.hidden, through: weights.feedForwardNorm, into: pass.normed)
    try add(
      pass, to: rows.hidden, rows: rows.count, outputNorm: weights.feedForwardOutputNorm,
      residualNorm: weights.feedForwardNorm
    ) { target, accumulate in
      try feedForward.apply(
        pass, to: input, rows: rows.count, into: target, accumulate: accumulate,
        down: down)
    }
  }

  /// A half's input: rows of the residual stream, normalized if the model has a norm there.
  private func input(
    _ hidden: any DeviceBuffer, through norm: NormWeights?, into scratch: any DeviceBuffer,
    isKept: Bool = false
  ) -> ProductInput {
    .states(
      hidden, config.normPlacement.contains(.input) ? norm : nil, scratch: scratch, isKept: isKept)
  }

  /// Adds the output of `half` to rows of the residual stream, and applies the norms after it.
  ///
  /// `half` writes its output to the buffer that it gets, or adds its output there.
  private func add(
    _ pass: Pass, to hidden: any DeviceBuffer, rows: Int, outputNorm: NormWeights?,
    residualNorm: NormWeights?, _ half: (any DeviceBuffer, _ accumulate: Bool) throws -> Void
  ) throws {
    let stream = pass.stream
    if let outputNorm {
      let branch = pass.arena.buffer(.branch, rowBytes: config.hiddenSize * 4)
      try half(branch, false)
      stream.normalize(branch, rows: rows, by: outputNorm, into: branch, as: .float32)
      stream.add(branch, to: hidden, count: rows * config.hiddenSize)
    } else {
      try half(hidden, true)
    }
    if config.normPlacement.contains(.residual), let residualNorm {
      stream.normalize(hidden, rows: rows, by: residualNorm, into: hidden, as: .float32)
    }
  }
}
