/// What turns tokens into the first block's input.
struct EntryWeights: Sendable {
  /// Shape: [vocabularySize, embeddingWidth].
  let embedding: TensorView
  /// Shape: [count + offset, hiddenSize].
  let positions: TensorView?
  /// From the embeddings' width to the residual stream's.
  let projection: WeightMatrix?
}

/// Token embeddings, scaled and projected where the model does so, and learned positions.
struct Entry {
  let config: ModelConfig
  let weights: EntryWeights

  /// Throws where a sequence would outgrow the learned positions.
  func validate(_ batch: PackedTokens, lengths: [Int]) throws {
    guard let learned = config.learnedPositions else { return }
    for (sequence, length) in lengths.enumerated() {
      let needed = length + batch.starts[sequence + 1] - batch.starts[sequence]
      guard needed <= learned.count else {
        throw ModelError(
          "sequence \(sequence)",
          expected: "at most \(learned.count) positions, for which the model has vectors",
          found: "\(needed)")
      }
    }
  }

  /// Writes the batch's first hidden states to the workspace.
  func embed(_ tokens: [Int32], _ workspace: Workspace) throws {
    let width = config.embeddingWidth
    let target = weights.projection == nil ? workspace.hidden : workspace.wide
    for (row, token) in tokens.enumerated() {
      guard token >= 0, token < config.vocabularySize else {
        throw ModelError(
          "token \(row)", expected: "an id from 0 to \(config.vocabularySize - 1)",
          found: "\(token)")
      }
      let index = Int(token)
      let numbers = target.floats + row * width
      weights.embedding.dequantizeRows(index..<index + 1, into: numbers)
      if config.embeddingScale != 1 {
        for i in 0..<width { numbers[i] *= config.embeddingScale }
      }
    }
    if let projection = weights.projection {
      workspace.stream.convert(target, count: tokens.count * width, into: workspace.inner)
      try workspace.stream.multiply(
        workspace.inner, rows: tokens.count, by: projection, into: workspace.hidden,
        accumulate: false)
    }
    addPositions(workspace)
  }

  private func addPositions(_ workspace: Workspace) {
    guard let learned = config.learnedPositions, let table = weights.positions else { return }
    let width = config.hiddenSize
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { vector in
      guard let base = vector.baseAddress else { return }
      for run in workspace.passRows.runs {
        for row in 0..<run.count {
          let index = run.position + row + learned.offset
          table.dequantizeRows(index..<index + 1, into: base)
          let numbers = workspace.hidden.floats + (run.firstRow + row) * width
          for i in 0..<width { numbers[i] += base[i] }
        }
      }
    }
  }
}

/// What turns the last block's output into logits.
struct ExitWeights: Sendable {
  let norm: NormWeights?
  /// From the residual stream's width to the embeddings'.
  let projection: WeightMatrix?
  let head: WeightMatrix
  /// The head as the checkpoint stores it, for those who need a few of its rows.
  let headRows: WeightRows
}

/// Final norm and LM head: the one way from hidden states to logits, whichever layer they left.
struct Exit {
  let config: ModelConfig
  let weights: ExitWeights

  /// Rows of the residual stream as the head and routers read them: behind the final norm, in the
  /// compute type.
  func normalize(_ hidden: DeviceBuffer, rows: Int, _ workspace: Workspace) {
    let stream = workspace.stream
    if let norm = weights.norm {
      stream.normalize(hidden, rows: rows, by: norm, into: workspace.normed, as: .compute)
    } else {
      stream.convert(hidden, count: rows * config.hiddenSize, into: workspace.normed)
    }
  }

  /// Writes the logits of rows of the residual stream to the workspace.
  func readOut(_ hidden: DeviceBuffer, rows: Int, _ workspace: Workspace) throws {
    let stream = workspace.stream
    normalize(hidden, rows: rows, workspace)
    var input = workspace.normed
    if let projection = weights.projection {
      try stream.multiply(
        workspace.normed, rows: rows, by: projection, into: workspace.wide, accumulate: false)
      stream.convert(
        workspace.wide, count: rows * config.embeddingWidth, into: workspace.inner)
      input = workspace.inner
    }
    try stream.multiply(
      input, rows: rows, by: weights.head, into: workspace.logits, accumulate: false)
    if let cap = config.logitSoftCap {
      stream.softCap(workspace.logits, cap: cap, count: rows * config.vocabularySize)
    }
  }
}
