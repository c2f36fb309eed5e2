import Foundation

/// The weights of one feed-forward network.
package struct NetworkWeights: Sendable {
  /// Gate and up, or up alone.
  let input: WeightMatrix
  let down: WeightMatrix
}

/// The weights of a block's feed-forward half.
package enum FeedForwardWeights: Sendable {
  case dense(NetworkWeights)
  /// Some experts for each row, chosen by the router's logits.
  case mixture(router: WeightMatrix, experts: [NetworkWeights])
}

/// A block's feed-forward half: one network, or a mixture of experts.
struct FeedForward {
  let config: ModelConfig
  let weights: FeedForwardWeights

  /// Writes the half's output for rows of `input`, or adds it.
  ///
  /// `down` stands for a dense network's own down-projection.
  ///
  /// Shape: input in the compute type, out float32, both [rows, hiddenSize].
  func apply(
    _ workspace: Workspace, to input: DeviceBuffer, rows: Int, into out: DeviceBuffer,
    accumulate: Bool, down: WeightMatrix? = nil
  ) throws {
    switch weights {
    case .dense(let network):
      let network = down.map { NetworkWeights(input: network.input, down: $0) } ?? network
      try run(
        network, workspace, on: input, rows: rows, into: out, accumulate: accumulate)
    case .mixture(let router, let experts):
      if !accumulate { workspace.stream.clear(out, count: rows * config.hiddenSize) }
      try mix(experts, by: router, workspace, input, rows: rows, into: out)
    }
  }

  private func run(
    _ network: NetworkWeights, _ workspace: Workspace, on input: DeviceBuffer, rows: Int,
    into out: DeviceBuffer, accumulate: Bool
  ) throws {
    let stream = workspace.stream
    try stream.multiply(
      input, rows: rows, by: network.input, into: workspace.wide, accumulate: false)
    stream.activate(
      workspace.wide, rows: rows, width: config.intermediateSize, config.activation,
      isGated: config.isGated, into: workspace.inner)
    try stream.multiply(
      workspace.inner, rows: rows, by: network.down, into: out, accumulate: accumulate)
  }

  /// Adds to each row the outputs of its experts, in the experts' order, weighted.
  ///
  /// An expert computes the rows that chose it and no others.
  private func mix(
    _ experts: [NetworkWeights], by router: WeightMatrix, _ workspace: Workspace,
    _ input: DeviceBuffer, rows: Int, into out: DeviceBuffer
  ) throws {
    let stream = workspace.stream
    let scratch = workspace.mixture(rows: rows, experts: experts.count)
    try stream.multiply(input, rows: rows, by: router, into: scratch.logits, accumulate: false)
    stream.synchronize()
    let choices = ExpertChoice.all(
      UnsafeBufferPointer(start: scratch.logits.floats, count: rows * experts.count),
      rows: rows, perToken: config.experts?.perToken ?? 1)
    for (expert, network) in experts.enumerated() {
      let chosen = choices.filter { $0.expert == expert }
      guard !chosen.isEmpty else { continue }
      stream.gather(
        input, rows: chosen.map(\.row), rowBytes: config.hiddenSize * workspace.elementBytes,
        into: scratch.input)
      try run(
        network, workspace, on: scratch.input, rows: chosen.count, into: scratch.output,
        accumulate: false)
      stream.addRows(
        scratch.output, width: config.hiddenSize, scales: chosen.map(\.weight),
        to: out, rows: chosen.map(\.row))
    }
  }
}

/// A row's choice of one expert.
package struct ExpertChoice: Equatable {
  package let row: Int
  package let expert: Int
  /// Of the row's experts the weights add up to 1.
  package let weight: Float

  /// Each row's best experts, weighted by the softmax over their logits; the lower index wins ties.
  ///
  /// Shape: logits [rows, experts].
  package static func all(
    _ logits: UnsafeBufferPointer<Float>, rows: Int, perToken: Int
  ) -> [ExpertChoice] {
    let count = logits.count / max(rows, 1)
    return (0..<rows).flatMap { row in
      let own = UnsafeBufferPointer(rebasing: logits[row * count..<(row + 1) * count])
      let best = own.indices.sorted { (own[$1], $0) < (own[$0], $1) }.prefix(perToken)
      let top = best.first.map { own[$0] } ?? 0
      let powers = best.map { exp(own[$0] - top) }
      let sum = powers.reduce(0, +)
      return zip(best, powers).map { ExpertChoice(row: row, expert: $0, weight: $1 / sum) }
    }
  }
}
