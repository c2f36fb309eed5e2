import CAISKernels

/// Which rows of a batch get logits.
public enum LogitRows: Sendable, Equatable {
  /// None: the pass fills the cache and stops before the head.
  case none
  /// The last new token of each sequence that has new tokens, in order: a sequence without any gets
  /// no row.
  case lastOfEach
  /// Every new token.
  case all
}

/// A decoder-only transformer with its weights: shared, immutable, without state between passes.
public final class DecoderModel: Sendable {
  /// The model's shape.
  public let config: ModelConfig
  package let backend: any Backend
  private let embedding: TensorView
  private let blocks: [Block]
  private let finalNorm: DeviceBuffer
  private let head: WeightMatrix

  package init(
    config: ModelConfig, backend: any Backend, embedding: TensorView, blocks: [BlockWeights],
    finalNorm: DeviceBuffer, head: WeightMatrix
  ) {
    precondition(blocks.count == config.layerCount)
    self.config = config
    self.backend = backend
    self.embedding = embedding
    self.blocks = blocks.enumerated().map { layer, weights in
      Block(config: config, weights: weights, window: config.slidingWindows[layer])
    }
    self.finalNorm = finalNorm
    self.head = head
  }

  /// For people: what computes, in what type, with which kernels and how many threads.
  public var summary: String { backend.summary }

  /// A context for `sequences` sequences of up to `capacity` positions each, for this model's passes.
  ///
  /// - Throws: `ModelError` where its KV cache would not fit into the machine's memory.
  public func makeContext(sequences: Int = 1, capacity: Int) throws -> DecoderContext {
    DecoderContext(
      cache: try KVCache(config: config, sequences: sequences, capacity: capacity),
      workspace: Workspace(
        config: config, stream: backend.makeStream(), computeType: backend.computeType),
      model: ObjectIdentifier(self))
  }

  /// The forward loop, the only one: embeds the new tokens, takes each layer's action, computes the
  /// logits that are wanted and advances the cache.
  ///
  /// Each sequence's tokens continue what the context's cache holds for it. Logits are then read from
  /// the context. When the pass throws, the cache holds what it held before.
  ///
  /// - Throws: `ModelError` for a token outside the vocabulary or a full cache, `DepthError` where the
  ///   policy does not fit the model, `EngineError`, and whatever the observer throws.
  public func forward(
    _ batch: PackedTokens, in context: inout DecoderContext,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil,
    logits: LogitRows = .lastOfEach
  ) throws {
    precondition(context.model == ObjectIdentifier(self), "a context serves the model that made it")
    try policy.validate(for: config)
    try context.cache.validate(batch)
    let workspace = context.workspace
    workspace.logitRows = 0
    guard batch.rows > 0 else { return }
    workspace.prepare(batch, lengths: context.cache.lengths, capacity: context.cache.capacity)
    try embed(batch.tokens, into: workspace.hidden)
    let hidden = HiddenStates(
      buffer: workspace.hidden, rows: batch.rows, width: config.hiddenSize)
    do {
      try observer?.embedded(hidden)
      for (layer, block) in blocks.enumerated() {
        if policy.readsHiddenStates { workspace.stream.synchronize() }
        let action = try policy.action(layer: layer, hidden: hidden)
        switch action {
        case .run:
          try run(block, layer, &context.cache, workspace)
        case .skip:
          break
        case .blend(let alpha):
          let count = batch.rows * config.hiddenSize
          let before = workspace.before()
          workspace.stream.copy(workspace.hidden, count: count, into: before)
          try run(block, layer, &context.cache, workspace)
          workspace.stream.blend(workspace.hidden, with: before, alpha: alpha, count: count)
        }
        try observer?.finished(layer: layer, action: action, hidden: hidden)
      }
      try computeLogits(logits, batch, workspace)
    } catch {
      context.cache.rewind()
      throw error
    }
    context.cache.advance(batch)
  }

  private func run(
    _ block: Block, _ layer: Int, _ cache: inout KVCache, _ workspace: Workspace
  ) throws {
    try cache.enter(layer: layer, spans: &workspace.spans)
    try block.run(in: workspace, spans: workspace.spans)
  }

  private func embed(_ tokens: [Int32], into hidden: DeviceBuffer) throws {
    for (row, token) in tokens.enumerated() {
      guard token >= 0, token < config.vocabularySize else {
        throw ModelError(
          "token \(row)", expected: "an id from 0 to \(config.vocabularySize - 1)",
          found: "\(token)")
      }
      let index = Int(token)
      embedding.dequantizeRows(
        index..<index + 1, into: hidden.floats + row * config.hiddenSize)
    }
  }

  private func computeLogits(
    _ wanted: LogitRows, _ batch: PackedTokens, _ workspace: Workspace
  ) throws {
    let stream = workspace.stream
    let rows: Int
    var source = workspace.hidden
    switch wanted {
    case .none:
      return
    case .all:
      rows = batch.rows
      _ = workspace.prepareLogits(rows: rows)
    case .lastOfEach:
      let last = (0..<batch.sequenceCount).compactMap { sequence in
        batch.starts[sequence + 1] > batch.starts[sequence] ? batch.starts[sequence + 1] - 1 : nil
      }
      rows = last.count
      let gathered = workspace.prepareLogits(rows: rows)
      stream.gather(workspace.hidden, rows: last, width: config.hiddenSize, into: gathered)
      source = gathered
    }
    stream.normalize(
      source, rows: rows, weight: finalNorm, width: config.hiddenSize,
      epsilon: config.normEpsilon, into: workspace.normed)
    try stream.multiply(
      workspace.normed, rows: rows, by: head, into: workspace.logits, accumulate: false)
    stream.synchronize()
  }
}
