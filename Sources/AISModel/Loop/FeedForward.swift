import Foundation

/// The weights of one feed-forward network.
package struct NetworkWeights: Sendable {
  /// Gate and up, or up alone.
  package let input: WeightMatrix
  package let down: WeightMatrix
}

/// The weights of a block's feed-forward half.
package enum FeedForwardWeights: Sendable {
  case dense(NetworkWeights)
  /// A router chooses some experts for each row.
  case mixture(router: WeightMatrix, experts: [NetworkWeights])
}

/// A block's feed-forward half: one network, or a mixture of experts.
struct FeedForward {
  let config: ModelConfig
  let weights: FeedForwardWeights

  /// Writes or adds the half's output for rows of `input`.
  ///
  /// `down` replaces a dense network's own down-projection.
  ///
  /// Shape: input [rows, hiddenSize], out [rows, hiddenSize] float32.
  func apply(
    _ pass: Pass, to input: ProductInput, rows: Int, into out: any DeviceBuffer,
    accumulate: Bool, down: WeightMatrix? = nil
  ) throws {
    switch weights {
    case .dense(let network):
      let network = down.map { NetworkWeights(input: network.input, down: $0) } ?? network
      try run(network, pass, on: input, rows: rows, into: out, accumulate: accumulate)
    case .mixture(let router, let experts):
      if !accumulate { pass.stream.clear(out, count: rows * config.hiddenSize) }
      let input = pass.stream.activations(input, rows: rows, width: config.hiddenSize)
      try mix(experts, by: router, pass, input, rows: rows, into: out)
    }
  }

  private func run(
    _ network: NetworkWeights, _ pass: Pass, on input: ProductInput, rows: Int,
    into out: any DeviceBuffer, accumulate: Bool
  ) throws {
    try pass.stream.multiply(
      input, rows: rows, by: network.input,
      .activate(
        config.activation, isGated: config.isGated, scratch: pass.wide, into: pass.inner))
    try pass.stream.multiply(
      .activations(pass.inner), rows: rows, by: network.down,
      accumulate ? .add(out, pass.activeRows) : .write(out))
  }

  /// Adds to each row the weighted outputs of its experts, in the experts' order.
  ///
  /// An expert computes only the rows that chose it. The host chooses, so this waits for the
  /// device.
  private func mix(
    _ experts: [NetworkWeights], by router: WeightMatrix, _ pass: Pass,
    _ input: any DeviceBuffer, rows: Int, into out: any DeviceBuffer
  ) throws {
    let (stream, arena) = (pass.stream, pass.arena)
    let rowBytes = config.hiddenSize * pass.activationBytes
    let logits = arena.buffer(.expertLogits, rowBytes: experts.count * 4)
    let own = arena.buffer(.expertInput, rowBytes: rowBytes)
    let output = arena.buffer(.expertOutput, rowBytes: config.hiddenSize * 4)
    let scales = arena.buffer(.expertScales, rowBytes: 4)
    try stream.multiply(input, rows: rows, by: router, into: logits, accumulate: false)
    let choices = try stream.download(logits, byteCount: rows * experts.count * 4).withFloats {
      ExpertChoice.all($0, rows: rows, perToken: config.experts?.perToken ?? 1)
    }
    for (expert, network) in experts.enumerated() {
      let chosen = choices.filter { $0.expert == expert }
      guard !chosen.isEmpty else { continue }
      let sources = chosen.map(\.row)
      stream.move(input, by: pass.map(sources), rowBytes: rowBytes, into: own)
      try run(
        network, pass, on: .activations(own), rows: chosen.count, into: output, accumulate: false)
      stream.upload(chosen.map(\.weight), into: scales)
      stream.add(
        output, by: pass.map(Array(chosen.indices), to: sources), scales: scales,
        width: config.hiddenSize, to: out)
    }
  }
}

/// An expert that was chosen for a row.
package struct ExpertChoice: Equatable {
  package let row: Int
  package let expert: Int
  /// The weights of a row's experts add up to 1.
  package let weight: Float

  /// The `perToken` best experts of each row, weighted by the softmax over their logits.
  ///
  /// The lower index wins ties.
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
