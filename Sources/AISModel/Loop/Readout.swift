/// The weights of the final norm and the LM head.
package struct ReadoutWeights: Sendable {
  package let norm: NormWeights?
  /// From the residual stream's width to the embeddings'.
  package let projection: WeightMatrix?
  package let head: WeightMatrix
  /// The head as the checkpoint stores it, to read a few of its rows.
  package let headRows: WeightRows
}

/// Final norm and LM head: computes logits from the hidden states after any layer.
package struct Readout: Sendable {
  let config: ModelConfig
  package let weights: ReadoutWeights
  /// Bytes of an activation that products read.
  let activationBytes: Int

  /// Writes rows of the residual stream after the final norm; unchanged if the model has none.
  ///
  /// The LM head and exit routers read them in the compute type.
  package func normalize(
    _ hidden: any DeviceBuffer, rows: Int, into out: any DeviceBuffer, as type: OutputType,
    _ stream: any ComputeStream
  ) {
    if let norm = weights.norm {
      stream.normalize(hidden, rows: rows, by: norm, into: out, as: type)
    } else if type == .compute {
      stream.convert(hidden, count: rows * config.hiddenSize, into: out)
    } else {
      stream.move(hidden, by: .identity(rows), rowBytes: config.hiddenSize * 4, into: out)
    }
  }

  /// Writes the logits of rows of the residual stream to `logits`.
  func readOut(
    _ hidden: any DeviceBuffer, rows: Int, into logits: any DeviceBuffer, _ scratch: PassArena,
    _ stream: any ComputeStream
  ) throws {
    let bytes = activationBytes
    var input = ProductInput.states(
      hidden, weights.norm, scratch: scratch.buffer(.normed, rowBytes: config.hiddenSize * bytes),
      isKept: false)
    if let projection = weights.projection {
      let wide = scratch.buffer(.wide, rowBytes: config.wideRowBytes)
      try stream.multiply(input, rows: rows, by: projection, .write(wide))
      input = .states(
        wide, nil, scratch: scratch.buffer(.inner, rowBytes: config.innerWidth * bytes),
        isKept: false)
    }
    try stream.multiply(input, rows: rows, by: weights.head, .write(logits))
    if let cap = config.logitSoftCap {
      stream.softCap(logits, cap: cap, count: rows * config.vocabularySize)
    }
  }
}

extension ModelConfig {
  /// Bytes of the widest float32 row of a block.
  var wideRowBytes: Int { max(qkvWidth, feedForwardInputWidth, embeddingWidth) * 4 }

  /// Numbers in the widest row that a half's second product reads.
  var innerWidth: Int { max(attentionWidth, intermediateSize, embeddingWidth) }
}
