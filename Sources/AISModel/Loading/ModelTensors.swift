/// A matrix as the checkpoint stores it, and its bias.
struct MatrixTensors {
  /// The matrix's rows, in parts to be stacked.
  let rows: [WeightRows]
  let bias: [Float]?
}

/// A norm's weights as the checkpoint stores them; ones if it stores none.
struct NormTensors {
  let kind: NormKind
  let epsilon: Float
  /// Shape: [width].
  let weight: [Float]
  /// Shape: [width].
  let bias: [Float]?
}

/// The matrices of one feed-forward network.
struct NetworkTensors {
  /// The rows of gate, then of up; or of up alone.
  let input: MatrixTensors
  let down: MatrixTensors
}

/// A checkpoint's weights by role.
///
/// Each is checked against the shape that the config demands.
struct ModelTensors {
  let config: ModelConfig
  let weights: WeightTable

  init(_ description: ModelDescription) {
    config = description.config
    weights = description.weights
  }

  /// A matrix of the expected shape, with its bias if it has one.
  func matrix(
    _ role: WeightRole, layer: Int = 0, expert: Int = 0, outputs: Int, inputs: Int,
    hasBias: Bool = false
  ) throws -> MatrixTensors {
    let inputsFirst = weights.names.storesInputsFirst
    let tensor = try weights.tensor(
      role, layer: layer, expert: expert,
      shape: inputsFirst ? [inputs, outputs] : [outputs, inputs])
    return MatrixTensors(
      rows: [WeightRows(tensor, storesInputsFirst: inputsFirst)],
      bias: hasBias
        ? try vector(role, layer: layer, expert: expert, bias: true, count: outputs) : nil)
  }

  /// A norm of the residual stream.
  func norm(_ role: WeightRole, layer: Int = 0) throws -> NormTensors {
    try norm(
      role, layer: layer, kind: config.norm.kind, width: config.hiddenSize,
      hasBias: config.biases.contains(.norm))
  }

  /// The norm of each head's queries or keys; `nil` if the model has none.
  func headNorm(_ role: WeightRole, layer: Int) throws -> NormTensors? {
    try config.queryKeyNorm.map { kind in
      try norm(
        role, layer: layer, kind: kind, width: config.headDim, hasBias: kind == .layer)
    }
  }

  private func norm(
    _ role: WeightRole, layer: Int, kind: NormKind, width: Int, hasBias: Bool
  ) throws -> NormTensors {
    var values = [Float](repeating: 1, count: width)
    if config.norm.hasWeights {
      values = try vector(role, layer: layer, count: width)
      if config.norm.weightsAreOffsets { values = values.map { 1 + $0 } }
    }
    return NormTensors(
      kind: kind, epsilon: config.norm.epsilon, weight: values,
      bias: hasBias ? try vector(role, layer: layer, bias: true, count: width) : nil)
  }

  private func vector(
    _ role: WeightRole, layer: Int = 0, expert: Int = 0, bias: Bool = false, count: Int
  ) throws -> [Float] {
    try weights.tensor(role, layer: layer, expert: expert, bias: bias, shape: [count])
      .dequantized()
  }

  // MARK: Fused and split projections

  /// The fused projection: the rows of queries, then of keys, then of values.
  func qkv(layer: Int) throws -> MatrixTensors {
    let (queries, keys) = (config.attentionWidth, config.kvHeads * config.headDim)
    let hasBias = config.biases.contains(.qkv)
    guard weights.contains(.fusedQKV, layer: layer) else {
      return try stack([(.query, queries), (.key, keys), (.value, keys)]) { role, outputs in
        try matrix(
          role, layer: layer, outputs: outputs, inputs: config.hiddenSize, hasBias: hasBias)
      }
    }
    let fused = try matrix(
      .fusedQKV, layer: layer, outputs: config.qkvWidth, inputs: config.hiddenSize,
      hasBias: hasBias)
    switch weights.names.qkvOrder {
    case .byKind: return fused
    case .byKeyValueHead: return fused.reordered(separatedHeads)
    }
  }

  /// Row ranges of all queries, then all keys, then all values, in a tensor that stores them head
  /// by head: for each key-value head its queries, its key, its value.
  private var separatedHeads: [Range<Int>] {
    let (group, dim) = (config.queryHeads / config.kvHeads, config.headDim)
    func rows(_ first: Int, _ heads: Int) -> [Range<Int>] {
      (0..<config.kvHeads).map { head in
        let start = (head * (group + 2) + first) * dim
        return start..<start + heads * dim
      }
    }
    return rows(0, group) + rows(group, 1) + rows(group + 1, 1)
  }

  /// A layer's feed-forward network.
  func network(layer: Int) throws -> NetworkTensors {
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    let hasBias = config.biases.contains(.feedForward)
    func input(_ role: WeightRole, _ outputs: Int) throws -> MatrixTensors {
      try matrix(role, layer: layer, outputs: outputs, inputs: hidden, hasBias: hasBias)
    }
    let first: MatrixTensors
    if !config.isGated {
      first = try input(.up, inner)
    } else if weights.contains(.fusedGateUp, layer: layer),
      !weights.contains(.gate, layer: layer)
    {
      first = try input(.fusedGateUp, 2 * inner)
    } else {
      first = try stack([(.gate, inner), (.up, inner)], input)
    }
    return NetworkTensors(
      input: first,
      down: try matrix(.down, layer: layer, outputs: hidden, inputs: inner, hasBias: hasBias))
  }

  /// One of a layer's experts.
  func expert(_ expert: Int, of count: Int, layer: Int) throws -> NetworkTensors {
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    func part(_ role: WeightRole, _ outputs: Int, _ inputs: Int) throws -> MatrixTensors {
      if weights.isSeparate(role, layer: layer) {
        return try matrix(role, layer: layer, expert: expert, outputs: outputs, inputs: inputs)
      }
      let all = try weights.tensor(role, layer: layer, shape: [count, outputs, inputs])
      let first = expert * outputs
      return MatrixTensors(rows: [WeightRows(all, first..<first + outputs)], bias: nil)
    }
    return NetworkTensors(
      input: try stack([(.expertGate, inner), (.expertUp, inner)]) { try part($0, $1, hidden) },
      down: try part(.expertDown, hidden, inner))
  }

  private func stack(
    _ parts: [(WeightRole, Int)], _ read: (WeightRole, Int) throws -> MatrixTensors
  ) rethrows -> MatrixTensors {
    let matrices = try parts.map(read)
    let biases = matrices.compactMap(\.bias)
    return MatrixTensors(
      rows: matrices.flatMap(\.rows), bias: biases.isEmpty ? nil : biases.flatMap { $0 })
  }
}

extension MatrixTensors {
  /// The rows of one tensor in another order.
  func reordered(_ ranges: [Range<Int>]) -> MatrixTensors {
    MatrixTensors(
      rows: ranges.map { rows[0][$0] },
      bias: bias.map { bias in ranges.flatMap { bias[$0] } })
  }
}

/// All of a model's tensors, checked.
struct AllTensors {
  let ends: EndTensors
  let layers: [LayerTensors]

  init(_ tensors: ModelTensors) throws {
    ends = try EndTensors(tensors)
    layers = try (0..<tensors.config.layerCount).map { try LayerTensors(tensors, layer: $0) }
  }
}

/// The tensors before the first block and after the last.
struct EndTensors {
  let embedding: TensorView
  let positions: TensorView?
  let embeddingProjection: MatrixTensors?
  let finalNorm: NormTensors?
  let headProjection: MatrixTensors?
  let head: MatrixTensors

  init(_ tensors: ModelTensors) throws {
    let config = tensors.config
    let (hidden, width) = (config.hiddenSize, config.embeddingWidth)
    embedding = try tensors.weights.tensor(
      .embedding, shape: [config.vocabularySize, width])
    positions = try config.learnedPositions.map {
      try tensors.weights.tensor(.positions, shape: [$0.count + $0.offset, hidden])
    }
    func projection(_ role: WeightRole, _ outputs: Int, _ inputs: Int) throws -> MatrixTensors? {
      width == hidden ? nil : try tensors.matrix(role, outputs: outputs, inputs: inputs)
    }
    embeddingProjection = try projection(.embeddingProjection, hidden, width)
    headProjection = try projection(.headProjection, width, hidden)
    finalNorm = config.hasFinalNorm ? try tensors.norm(.finalNorm) : nil
    let vocabulary = config.vocabularySize
    let rows =
      config.tiesEmbeddings
      ? embedding : try tensors.weights.tensor(.head, shape: [vocabulary, width])
    head = MatrixTensors(
      rows: [WeightRows(rows)],
      bias: config.biases.contains(.head)
        ? try tensors.weights.tensor(.head, bias: true, shape: [vocabulary]).dequantized() : nil)
  }
}

/// The checked tensors of one block.
struct LayerTensors {
  let attentionNorm: NormTensors?
  let qkv: MatrixTensors
  let queryNorm: NormTensors?
  let keyNorm: NormTensors?
  let attentionOutput: MatrixTensors
  let attentionOutputNorm: NormTensors?
  let feedForwardNorm: NormTensors?
  /// One network, or the experts of a mixture.
  let networks: [NetworkTensors]
  let router: MatrixTensors?
  let feedForwardOutputNorm: NormTensors?

  init(_ tensors: ModelTensors, layer: Int) throws {
    let config = tensors.config
    let places = config.normPlacement
    let hasNorm = places.contains(.input) || places.contains(.residual)
    attentionNorm = hasNorm ? try tensors.norm(.attentionNorm, layer: layer) : nil
    qkv = try tensors.qkv(layer: layer)
    queryNorm = try tensors.headNorm(.queryNorm, layer: layer)
    keyNorm = try tensors.headNorm(.keyNorm, layer: layer)
    attentionOutput = try tensors.matrix(
      .attentionOutput, layer: layer, outputs: config.hiddenSize, inputs: config.attentionWidth,
      hasBias: config.biases.contains(.attentionOutput))
    let hasOutputNorm = places.contains(.output)
    attentionOutputNorm =
      hasOutputNorm ? try tensors.norm(.attentionOutputNorm, layer: layer) : nil
    feedForwardNorm =
      config.residual == .parallel(sharesNorm: true)
      ? attentionNorm : hasNorm ? try tensors.norm(.feedForwardNorm, layer: layer) : nil
    feedForwardOutputNorm =
      hasOutputNorm ? try tensors.norm(.feedForwardOutputNorm, layer: layer) : nil
    if let experts = config.experts {
      router = try tensors.matrix(
        .router, layer: layer, outputs: experts.count, inputs: config.hiddenSize)
      networks = try (0..<experts.count).map {
        try tensors.expert($0, of: experts.count, layer: layer)
      }
    } else {
      router = nil
      networks = [try tensors.network(layer: layer)]
    }
  }
}
