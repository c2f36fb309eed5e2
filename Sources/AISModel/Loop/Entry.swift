/// The weights that turn tokens into the first block's input.
struct EntryWeights: Sendable {
  /// Shape: [vocabularySize, embeddingWidth].
  let embedding: any EmbeddingTable
  /// Shape: [count + offset, hiddenSize].
  let positions: (any EmbeddingTable)?
  /// From the embeddings' width to the residual stream's.
  let projection: WeightMatrix?
}

/// Token embeddings, scaled and projected if the model does so, and learned positions.
struct Entry {
  let config: ModelConfig
  let weights: EntryWeights

  /// Throws for a token outside the vocabulary, or for a sequence longer than the learned
  /// positions.
  func validate(_ batch: PackedTokens, lengths: [Int]) throws {
    for (row, token) in batch.tokens.enumerated() {
      guard token >= 0, token < config.vocabularySize else {
        throw RequestError(
          "token \(row)", expected: "an id from 0 to \(config.vocabularySize - 1)",
          found: "\(token)")
      }
    }
    guard let learned = config.learnedPositions else { return }
    for (sequence, length) in lengths.enumerated() {
      let needed = length + batch.starts[sequence + 1] - batch.starts[sequence]
      guard needed <= learned.count else {
        throw RequestError(
          "sequence \(sequence)",
          expected: "at most \(learned.count) positions, for which the model has vectors",
          found: "\(needed)")
      }
    }
  }

  /// Writes the first hidden states of the pass's rows.
  func embed(_ pass: Pass) throws {
    let (stream, rows) = (pass.stream, pass.rows.count)
    let target = weights.projection == nil ? pass.hidden : pass.wide
    stream.embed(
      weights.embedding, rows: pass.table, scale: config.embeddingScale, into: target)
    if let projection = weights.projection {
      stream.convert(target, count: rows * config.embeddingWidth, into: pass.inner)
      try stream.multiply(
        pass.inner, rows: rows, by: projection, into: pass.hidden, accumulate: false)
    }
    if let learned = config.learnedPositions, let table = weights.positions {
      stream.addPositions(table, rows: pass.table, offset: learned.offset, to: pass.hidden)
    }
  }
}
