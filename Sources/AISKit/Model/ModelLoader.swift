/// Reads a checkpoint's weights into a model: checks every shape, packs every matrix once.
struct ModelLoader {
  let checkpoint: Checkpoint
  let config: ModelConfig
  let backend: any Backend
  private var staging = ReusableBuffer()

  init(checkpoint: Checkpoint, backend: any Backend) throws {
    self.checkpoint = checkpoint
    self.backend = backend
    config =
      switch checkpoint {
      case .gguf(let file): try ModelConfig(gguf: file)
      case .huggingFace(let folder): try ModelConfig(huggingFace: folder)
      }
  }

  /// - Throws: `CheckpointError` for an absent, misshapen or unsupported tensor, `EngineError`.
  mutating func load() throws -> DecoderModel {
    // Shapes first: a file that lacks its last layer should say so at once.
    let embedding = try matrix(
      .embedding, outputs: config.vocabularySize, inputs: config.hiddenSize)
    let head =
      config.tiesEmbeddings
      ? embedding
      : try matrix(.head, outputs: config.vocabularySize, inputs: config.hiddenSize)
    let layers = try (0..<config.layerCount).map { try LayerTensors(self, layer: $0) }
    let finalNorm = try vector(.finalNorm, count: config.hiddenSize)
    var blocks: [BlockWeights] = []
    blocks.reserveCapacity(layers.count)
    for layer in layers { blocks.append(try pack(layer)) }
    return DecoderModel(
      config: config, backend: backend, embedding: embedding, blocks: blocks,
      finalNorm: DeviceBuffer(finalNorm),
      head: try backend.pack(WeightSource(stacking: [head]), staging: &staging))
  }

  private mutating func pack(_ layer: LayerTensors) throws -> BlockWeights {
    BlockWeights(
      attentionNorm: DeviceBuffer(layer.attentionNorm),
      qkv: try backend.pack(
        WeightSource(stacking: layer.qkv, bias: layer.qkvBias), staging: &staging),
      queryNorm: layer.queryNorm.map { DeviceBuffer($0) },
      keyNorm: layer.keyNorm.map { DeviceBuffer($0) },
      attentionOutput: try backend.pack(
        WeightSource(stacking: [layer.attentionOutput], bias: layer.attentionOutputBias),
        staging: &staging),
      feedForwardNorm: DeviceBuffer(layer.feedForwardNorm),
      gateUp: try backend.pack(
        WeightSource(stacking: layer.gateUp, bias: layer.gateUpBias), staging: &staging),
      down: try backend.pack(
        WeightSource(stacking: [layer.down], bias: layer.downBias), staging: &staging))
  }

  /// A matrix of the expected shape.
  fileprivate func matrix(_ weight: WeightName, outputs: Int, inputs: Int) throws -> TensorView {
    try tensor(checkpoint.name(of: weight), shape: [outputs, inputs])
  }

  /// A norm's weights or a bias, as float32.
  fileprivate func vector(
    _ weight: WeightName, bias: Bool = false, count: Int
  ) throws -> [Float] {
    try tensor(checkpoint.name(of: weight, bias: bias), shape: [count]).dequantized()
  }

  private func tensor(_ name: String, shape: [Int]) throws -> TensorView {
    let tensor = try checkpoint.tensor(name)
    guard tensor.shape == shape else {
      throw CheckpointError(
        file: tensor.path, place: .tensor(name), expected: "shape \(shape)",
        found: "\(tensor.shape)")
    }
    return tensor
  }
}

/// The checked tensors of one block.
private struct LayerTensors {
  let attentionNorm: [Float]
  let qkv: [TensorView]
  let qkvBias: [Float]?
  let queryNorm: [Float]?
  let keyNorm: [Float]?
  let attentionOutput: TensorView
  let attentionOutputBias: [Float]?
  let feedForwardNorm: [Float]
  let gateUp: [TensorView]
  let gateUpBias: [Float]?
  let down: TensorView
  let downBias: [Float]?

  init(_ loader: ModelLoader, layer: Int) throws {
    let config = loader.config
    func vector(
      _ weight: WeightName.LayerWeight, bias: Bool = false, _ count: Int
    ) throws -> [Float] {
      try loader.vector(.layer(layer, weight), bias: bias, count: count)
    }
    func matrix(
      _ weight: WeightName.LayerWeight, _ outputs: Int, _ inputs: Int
    ) throws -> TensorView {
      try loader.matrix(.layer(layer, weight), outputs: outputs, inputs: inputs)
    }
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    let (queries, keys) = (config.attentionWidth, config.kvHeads * config.headDim)
    attentionNorm = try vector(.attentionNorm, hidden)
    qkv = [
      try matrix(.query, queries, hidden), try matrix(.key, keys, hidden),
      try matrix(.value, keys, hidden),
    ]
    qkvBias =
      config.hasQKVBias
      ? try vector(.query, bias: true, queries) + vector(.key, bias: true, keys)
        + vector(.value, bias: true, keys) : nil
    queryNorm = config.hasQueryKeyNorm ? try vector(.queryNorm, config.headDim) : nil
    keyNorm = config.hasQueryKeyNorm ? try vector(.keyNorm, config.headDim) : nil
    attentionOutput = try matrix(.attentionOutput, hidden, queries)
    attentionOutputBias =
      config.hasAttentionOutputBias ? try vector(.attentionOutput, bias: true, hidden) : nil
    feedForwardNorm = try vector(.feedForwardNorm, hidden)
    gateUp = [try matrix(.gate, inner, hidden), try matrix(.up, inner, hidden)]
    gateUpBias =
      config.hasFeedForwardBias
      ? try vector(.gate, bias: true, inner) + vector(.up, bias: true, inner) : nil
    down = try matrix(.down, hidden, inner)
    downBias = config.hasFeedForwardBias ? try vector(.down, bias: true, hidden) : nil
  }
}

extension DecoderModel {
  /// Reads a model's weights and packs them for `backend`.
  ///
  /// - Throws: `CheckpointError`, `ModelError`, `EngineError`.
  package static func load(_ checkpoint: Checkpoint, backend: any Backend) throws -> DecoderModel {
    var loader = try ModelLoader(checkpoint: checkpoint, backend: backend)
    return try loader.load()
  }

  /// Reads a model's weights for this processor, its products computed in `type`.
  ///
  /// - Throws: `CheckpointError`, `ModelError`, `EngineError`.
  public static func load(_ checkpoint: Checkpoint, type: ComputeType = .f32) throws -> DecoderModel
  {
    try load(checkpoint, backend: CPUBackend(type: type))
  }

  /// Reads a model's weights for plain loops in float32: slow, and the specification of the rest.
  ///
  /// - Throws: `CheckpointError`, `ModelError`.
  public static func loadReference(_ checkpoint: Checkpoint) throws -> DecoderModel {
    try load(checkpoint, backend: ReferenceBackend())
  }
}
