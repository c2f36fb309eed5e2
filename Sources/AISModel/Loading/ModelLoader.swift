/// Loads a checkpoint's weights into a model.
///
/// Checks every shape and packs every matrix once.
struct ModelLoader {
  private let tensors: ModelTensors
  private let backend: any Backend

  init(checkpoint: Checkpoint, backend: any Backend) throws {
    tensors = ModelTensors(try ModelDescription(checkpoint))
    self.backend = backend
  }

  /// - Throws: `CheckpointError` for an absent, misshapen or unsupported tensor, `EngineError`.
  func load() throws -> DecoderModel {
    let config = tensors.config
    // Shapes first: a file that lacks its last layer should say so at once.
    let all = try AllTensors(tensors)
    let ends = all.ends
    // The largest matrix first: a matrix takes memory twice while it is packed.
    let readout = ReadoutWeights(
      norm: ends.finalNorm.map(upload), projection: try ends.headProjection.map { try pack($0) },
      head: try pack(ends.head), headRows: ends.head.rows[0])
    var blocks: [BlockWeights] = []
    blocks.reserveCapacity(all.layers.count)
    for layer in all.layers { blocks.append(try pack(layer)) }
    return DecoderModel(
      config: config, backend: backend,
      entry: EntryWeights(
        embedding: backend.makeEmbedding(ends.embedding),
        positions: ends.positions.map { backend.makeEmbedding($0) },
        projection: try ends.embeddingProjection.map { try pack($0) }),
      blocks: blocks, readout: readout)
  }

  private func pack(_ matrix: MatrixTensors) throws -> WeightMatrix {
    try backend.pack(WeightSource(stacking: matrix.rows, bias: matrix.bias))
  }

  private func upload(_ norm: NormTensors) -> NormWeights {
    NormWeights(
      kind: norm.kind, epsilon: norm.epsilon, width: norm.weight.count,
      weight: backend.makeBuffer(norm.weight), bias: norm.bias.map { backend.makeBuffer($0) })
  }

  private func pack(_ network: NetworkTensors) throws -> NetworkWeights {
    NetworkWeights(input: try pack(network.input), down: try pack(network.down))
  }

  private func pack(_ layer: LayerTensors) throws -> BlockWeights {
    let feedForward: FeedForwardWeights
    if let router = layer.router {
      var experts: [NetworkWeights] = []
      for network in layer.networks { experts.append(try pack(network)) }
      feedForward = .mixture(router: try pack(router), experts: experts)
    } else {
      feedForward = .dense(try pack(layer.networks[0]))
    }
    return BlockWeights(
      attentionNorm: layer.attentionNorm.map(upload), qkv: try pack(layer.qkv),
      queryNorm: layer.queryNorm.map(upload), keyNorm: layer.keyNorm.map(upload),
      attentionOutput: try pack(layer.attentionOutput),
      attentionOutputNorm: layer.attentionOutputNorm.map(upload),
      feedForwardNorm: layer.feedForwardNorm.map(upload), feedForward: feedForward,
      feedForwardOutputNorm: layer.feedForwardOutputNorm.map(upload))
  }
}

extension DecoderModel {
  /// Reads a model's weights and packs them for `backend`.
  ///
  /// - Throws: `CheckpointError`, `RequestError`, `EngineError`.
  package static func load(_ checkpoint: Checkpoint, backend: any Backend) throws -> DecoderModel {
    let loader = try ModelLoader(checkpoint: checkpoint, backend: backend)
    return try loader.load()
  }

  /// Reads a model's weights for a device.
  ///
  /// Matrix products are computed in `type`.
  ///
  /// - Throws: `CheckpointError`, `RequestError`; `EngineError` also if the device cannot be used.
  public static func load(
    _ checkpoint: Checkpoint, type: ComputeType = .f32, device: ComputeDevice = .processor
  ) throws -> DecoderModel {
    try load(checkpoint, backend: device.makeBackend(type))
  }

  /// Reads a model's weights for the reference engine: plain loops in float32.
  ///
  /// It is slow. The other engines are tested against it.
  ///
  /// - Throws: `CheckpointError`, `RequestError`.
  public static func loadReference(_ checkpoint: Checkpoint) throws -> DecoderModel {
    try load(checkpoint, backend: CPUBackend.reference)
  }
}
