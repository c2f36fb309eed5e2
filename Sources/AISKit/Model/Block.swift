import CAISKernels

/// The weights of one transformer block.
package struct BlockWeights: Sendable {
  let attentionNorm: DeviceBuffer
  let qkv: WeightMatrix
  let queryNorm: DeviceBuffer?
  let keyNorm: DeviceBuffer?
  let attentionOutput: WeightMatrix
  let feedForwardNorm: DeviceBuffer
  let gateUp: WeightMatrix
  let down: WeightMatrix
}

/// One transformer block: h ← h + attention(norm(h)), then h ← h + feedForward(norm(h)).
///
/// Reads top-down. Buffers are the workspace's; the residual stream is updated in place by products
/// that accumulate.
struct Block {
  let config: ModelConfig
  let weights: BlockWeights
  let window: Int?

  /// Adds the attention's output to the residual stream; `spans` point to this layer's cache.
  func attention(_ workspace: Workspace, _ spans: [ais_span]) throws {
    let stream = workspace.stream
    try project(workspace, spans)
    stream.attend(workspace.wide, heads: heads, spans: spans, into: workspace.inner)
    try stream.multiply(
      workspace.inner, rows: workspace.rows, by: weights.attentionOutput, into: workspace.hidden,
      accumulate: true)
  }

  /// Adds the feed-forward network's output to rows of the residual stream.
  func feedForward(_ workspace: Workspace, _ hidden: DeviceBuffer, rows: Int) throws {
    let stream = workspace.stream
    stream.normalize(
      hidden, rows: rows, weight: weights.feedForwardNorm, width: config.hiddenSize,
      epsilon: config.normEpsilon, into: workspace.normed)
    try stream.multiply(
      workspace.normed, rows: rows, by: weights.gateUp, into: workspace.wide, accumulate: false)
    stream.swiglu(
      workspace.wide, rows: rows, width: config.intermediateSize, into: workspace.inner)
    try stream.multiply(
      workspace.inner, rows: rows, by: weights.down, into: hidden, accumulate: true)
  }

  /// The block's output at the last row of each sequence: keys and values are those of all rows, the
  /// rest is computed for these rows alone.
  func lastRows(
    _ workspace: Workspace, _ spans: [ais_span]
  ) throws -> (hidden: DeviceBuffer, rows: Int) {
    let stream = workspace.stream
    try project(workspace, spans)
    let last = spans.filter { $0.row_count > 0 }.map { span in
      var last = span
      last.row_start += span.row_count - 1
      last.position += span.row_count - 1
      last.row_count = 1
      return last
    }
    stream.attend(workspace.wide, heads: heads, spans: last, into: workspace.inner)
    let rows = last.map(\.row_start)
    let (hidden, inner) = workspace.prepareLastRows(rows.count)
    stream.gather(
      workspace.hidden, rows: rows, rowBytes: config.hiddenSize * 4, into: hidden)
    stream.gather(
      workspace.inner, rows: rows, rowBytes: config.attentionWidth * workspace.elementBytes,
      into: inner)
    try stream.multiply(
      inner, rows: rows.count, by: weights.attentionOutput, into: hidden, accumulate: true)
    try feedForward(workspace, hidden, rows: rows.count)
    return (hidden, rows.count)
  }

  /// Queries, keys and values of all rows; keys and values go into the cache.
  private func project(_ workspace: Workspace, _ spans: [ais_span]) throws {
    let stream = workspace.stream
    stream.normalize(
      workspace.hidden, rows: workspace.rows, weight: weights.attentionNorm,
      width: config.hiddenSize, epsilon: config.normEpsilon, into: workspace.normed)
    try stream.multiply(
      workspace.normed, rows: workspace.rows, by: weights.qkv, into: workspace.wide,
      accumulate: false)
    stream.rotateAndStore(
      workspace.wide, heads: heads, angles: workspace.angles, spans: spans)
  }

  private var heads: ais_heads {
    ais_heads(
      query_heads: config.queryHeads, kv_heads: config.kvHeads, head_dim: config.headDim,
      rotary_dim: config.rotary.dimension,
      interleaved: config.rotary.pairing == .interleaved ? 1 : 0,
      query_norm: weights.queryNorm?.floats, key_norm: weights.keyNorm?.floats,
      norm_eps: config.normEpsilon, scale: 1 / Float(config.headDim).squareRoot(),
      window: window ?? 0)
  }
}
