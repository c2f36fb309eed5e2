import CAISKernels

/// The weights of one transformer block.
package struct BlockWeights: Sendable {
  let attentionNorm: NormWeights?
  let qkv: WeightMatrix
  let queryNorm: NormWeights?
  let keyNorm: NormWeights?
  let attentionOutput: WeightMatrix
  let attentionOutputNorm: NormWeights?
  let feedForwardNorm: NormWeights?
  let feedForward: FeedForwardWeights
  let feedForwardOutputNorm: NormWeights?
}

/// One transformer block: its attention and its feed-forward network, each added to the residual
/// stream.
///
/// Reads top-down. Buffers are the workspace's; the residual stream is updated in place.
struct Block {
  let config: ModelConfig
  let layer: ModelConfig.LayerShape
  let weights: BlockWeights
  /// ALiBi's slopes, where the model has them: [queryHeads].
  private let distanceSlopes: DeviceBuffer?
  private let feedForward: FeedForward

  init(
    config: ModelConfig, layer: Int, weights: BlockWeights, distanceSlopes: DeviceBuffer?
  ) {
    self.config = config
    self.layer = config.layers[layer]
    self.weights = weights
    self.distanceSlopes = distanceSlopes
    feedForward = FeedForward(config: config, weights: weights.feedForward)
  }

  /// Runs the halves that `action` leaves in; the workspace's spans point to this layer's cache.
  ///
  /// - Parameters:
  ///   - workspace: the rows and their spans; `hidden` is read and written.
  ///   - action: which halves run, and by how much what they add is weighed.
  ///   - kept: the rows of the buffer whose output somebody reads, ascending; `nil`: all. The others
  ///     give their keys and values, and are then taken out of the buffer.
  /// - Throws: an error of the device, where a product could not be computed.
  func run(_ workspace: Workspace, _ action: LayerAction, keeping kept: [Int]? = nil) throws {
    if action.runsAttention { try project(workspace, workspace.spans) }
    if let kept, kept.isEmpty { return workspace.keep(kept) }
    if action.runsAttention {
      attend(workspace, kept.map { workspace.spans(of: $0) } ?? workspace.spans)
    }
    if let kept { workspace.keep(kept) }
    // Behind one norm for both, the attention has left what the feed-forward half reads.
    let isShared =
      config.residual == .parallel(sharesNorm: true) && action.runsAttention && kept == nil
    try add(
      workspace, to: workspace.hidden, rows: workspace.rows, attended: workspace.inner, action,
      input: isShared ? workspace.normed : nil)
  }

  /// Queries, keys and values of all rows; keys and values go into the cache.
  private func project(_ workspace: Workspace, _ spans: [ais_span]) throws {
    try project(
      workspace, workspace.hidden, rows: workspace.rows, normed: workspace.normed,
      into: workspace.wide, spans)
  }

  /// Puts keys and values that states have here into the cache; of rows that run the layer or, having
  /// left, do not.
  ///
  /// Shape: hidden and normed [rows, hiddenSize], wide [rows, qkvWidth], where queries are then found.
  func project(
    _ workspace: Workspace, _ hidden: DeviceBuffer, rows: Int, normed: DeviceBuffer,
    into wide: DeviceBuffer, _ spans: [ais_span]
  ) throws {
    read(workspace, hidden, rows: rows, through: weights.attentionNorm, into: normed)
    try workspace.stream.multiply(
      normed, rows: rows, by: weights.qkv, into: wide, accumulate: false)
    workspace.stream.rotateAndStore(wide, heads: heads, spans: spans)
  }

  /// Puts zeros into the cache as keys and values of rows that do not run the layer.
  func clear(_ workspace: Workspace, _ spans: [ais_span]) {
    workspace.stream.clearPositions(heads: heads, spans: spans)
  }

  private func attend(_ workspace: Workspace, _ spans: [ais_span]) {
    workspace.stream.attend(workspace.wide, heads: heads, spans: spans, into: workspace.inner)
  }

  /// Adds the attention's output, of which `attended` holds the heads, and the feed-forward
  /// network's to rows of the residual stream; `input` is what the latter reads, where it is there.
  private func add(
    _ workspace: Workspace, to hidden: DeviceBuffer, rows: Int, attended: DeviceBuffer,
    _ action: LayerAction, input known: DeviceBuffer? = nil
  ) throws {
    // Halves in parallel both read what the residual stream was before either.
    var input = known
    if input == nil, config.residual != .sequential, action.runsFeedForward {
      let aside = workspace.aside(rows: rows)
      read(workspace, hidden, rows: rows, through: weights.feedForwardNorm, into: aside)
      input = aside
    }
    if action.runsAttention {
      try add(
        workspace, to: hidden, rows: rows, outputNorm: weights.attentionOutputNorm,
        residualNorm: weights.attentionNorm
      ) { target, accumulate in
        try workspace.stream.multiply(
          attended, rows: rows, by: weights.attentionOutput, into: target,
          accumulate: accumulate)
      }
    }
    if action.runsFeedForward {
      if input == nil {
        read(
          workspace, hidden, rows: rows, through: weights.feedForwardNorm,
          into: workspace.normed)
      }
      try add(
        workspace, to: hidden, rows: rows, outputNorm: weights.feedForwardOutputNorm,
        residualNorm: weights.feedForwardNorm
      ) { target, accumulate in
        try feedForward.apply(
          workspace, to: input ?? workspace.normed, rows: rows, into: target,
          accumulate: accumulate, down: action.graftedDown)
      }
    }
  }

  /// Rows of the residual stream as a half reads them: normalized where norms stand there.
  private func read(
    _ workspace: Workspace, _ hidden: DeviceBuffer, rows: Int, through norm: NormWeights?,
    into out: DeviceBuffer
  ) {
    if config.normPlacement.contains(.input), let norm {
      workspace.stream.normalize(hidden, rows: rows, by: norm, into: out, as: .compute)
    } else {
      workspace.stream.convert(hidden, count: rows * config.hiddenSize, into: out)
    }
  }

  /// Adds what `half` computes to rows of the residual stream, through the norms behind it.
  ///
  /// `half` writes its output to the buffer that it gets, or adds it there.
  private func add(
    _ workspace: Workspace, to hidden: DeviceBuffer, rows: Int, outputNorm: NormWeights?,
    residualNorm: NormWeights?, _ half: (DeviceBuffer, _ accumulate: Bool) throws -> Void
  ) throws {
    let stream = workspace.stream
    if let outputNorm {
      let branch = workspace.branch(rows: rows)
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

  private var heads: ais_heads {
    let rotary = layer.rotary.map { config.rotaries[$0] }
    return ais_heads(
      query_heads: config.queryHeads, kv_heads: config.kvHeads, head_dim: config.headDim,
      rotary_dim: rotary?.dimension ?? 0, interleaved: rotary?.pairing == .interleaved ? 1 : 0,
      query_norm: weights.queryNorm?.weight.floats, key_norm: weights.keyNorm?.weight.floats,
      query_norm_bias: weights.queryNorm?.bias?.floats,
      key_norm_bias: weights.keyNorm?.bias?.floats,
      centers: config.queryKeyNorm == .layer ? 1 : 0, norm_eps: config.norm.epsilon,
      scale: layer.attentionScale, soft_cap: config.attentionSoftCap ?? 0,
      slopes: distanceSlopes?.floats, window: layer.window ?? 0)
  }
}
