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
  private let entry: Entry
  let blocks: [Block]
  let exit: Exit

  init(
    config: ModelConfig, backend: any Backend, entry: EntryWeights, blocks: [BlockWeights],
    exit: ExitWeights
  ) {
    precondition(blocks.count == config.layerCount)
    self.config = config
    self.backend = backend
    self.entry = Entry(config: config, weights: entry)
    let slopes = config.distanceSlopes
    let distanceSlopes = slopes.isEmpty ? nil : DeviceBuffer(slopes)
    self.blocks = blocks.enumerated().map { layer, weights in
      Block(config: config, layer: layer, weights: weights, distanceSlopes: distanceSlopes)
    }
    self.exit = Exit(config: config, weights: exit)
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
        config: config, stream: backend.makeStream(), inputBytes: backend.inputBytes),
      model: ObjectIdentifier(self))
  }

  /// A whole pass: embeds the new tokens, runs every layer as the policy says, computes the logits
  /// that are wanted and advances the cache.
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
    try policy.validate(for: config, from: 0)
    try open(batch, in: &context, observer)
    guard batch.rows > 0 else { return context.abandonPass() }
    try finish(in: &context, policy: policy, observer: observer, logits: logits)
  }

  /// Begins a pass and stops behind layer `last`, where the hidden states can decide what follows;
  /// `finish` takes it to its end without computing anything twice.
  ///
  /// - Throws: as `forward`; the pass is then closed and the cache holds what it held before.
  public func begin(
    _ batch: PackedTokens, in context: inout DecoderContext, through last: Int,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil
  ) throws {
    guard batch.rows > 0 else {
      throw ModelError("batch", expected: "at least one token", found: "none")
    }
    try policy.validate(for: config, from: 0)
    try open(batch, in: &context, observer)
    try run(through: last, in: &context, policy, observer)
  }

  /// Takes a pass that has begun to behind layer `last`.
  ///
  /// - Throws: as `forward`. A policy that would act on a layer that has run is refused before
  ///   anything is computed, and the pass stays open.
  public func advance(
    in context: inout DecoderContext, through last: Int,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil
  ) throws {
    try policy.validate(for: config, from: Self.openPass(context).nextLayer)
    try run(through: last, in: &context, policy, observer)
  }

  /// Takes a pass that has begun to its end: the layers that are left, the logits that are wanted.
  ///
  /// - Throws: as `advance`.
  public func finish(
    in context: inout DecoderContext, policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil, logits: LogitRows = .lastOfEach
  ) throws {
    try policy.validate(for: config, from: Self.openPass(context).nextLayer)
    let batch = Self.openPass(context).batch
    context.workspace.chooseLogitRows(logits, batch)
    try run(
      through: config.layerCount - 1, in: &context, policy, observer,
      readsWantedRows: observer?.readsHiddenStates != true)
    try closingOnError(&context) { context in
      try computeLogits(context.cache, context.workspace, policy.tokenExit?.exitBridges)
    }
    context.cache.advance(batch)
    context.pass?.isFinished = true
  }

  private func open(
    _ batch: PackedTokens, in context: inout DecoderContext, _ observer: (any ForwardObserver)?
  ) throws {
    precondition(context.model == ObjectIdentifier(self), "a context serves the model that made it")
    precondition(context.pass?.isFinished != false, "the context's last pass was finished")
    try context.cache.validate(batch)
    try entry.validate(batch, lengths: context.cache.lengths)
    let workspace = context.workspace
    workspace.logitRows = 0
    context.pass = nil
    workspace.prepare(batch, context.cache)
    context.cache.open(batch)
    try entry.embed(batch.tokens, workspace)
    context.open(batch)
    try closingOnError(&context) { _ in try observer?.embedded(hiddenStates(workspace)) }
  }

  /// The forward loop, the only one: from the pass's next layer through `last`, each layer's action.
  ///
  /// With `readsWantedRows` nobody reads more of what comes out than the rows that get logits: the last
  /// layer to do anything then computes these rows alone, and of the others keys and values.
  private func run(
    through last: Int, in context: inout DecoderContext, _ policy: some DepthPolicy,
    _ observer: (any ForwardObserver)?, readsWantedRows: Bool = false
  ) throws {
    precondition(last < config.layerCount, "layer \(last) of \(config.layerCount)")
    let next = Self.openPass(context).nextLayer
    guard next <= last else { return }
    try closingOnError(&context) { context in
      let workspace = context.workspace
      let tokenExit = policy.tokenExit
      let narrowing =
        readsWantedRows ? min(last, policy.lastActiveLayer(of: config.layerCount)) : -1
      for layer in next...last where workspace.passRows.activeCount > 0 {
        if policy.readsHiddenStates { workspace.stream.synchronize() }
        let action = try policy.action(layer: layer, hidden: hiddenStates(workspace))
        let before = (rows: workspace.rows, left: workspace.passRows.leftCount)
        let kept = layer == narrowing ? workspace.rowsToKeep() : nil
        switch action {
        case .skip:
          break
        case .run, .skipAttention, .skipFeedForward, .graft:
          try run(layer, action, &context.cache, workspace, observer, keeping: kept)
        case .bridge(let bridge):
          try bridge.cross(workspace)
        case .blend(let alpha):
          let input = workspace.copyOfHidden(rows: kept)
          try run(layer, .run, &context.cache, workspace, observer, keeping: kept)
          workspace.stream.blend(
            workspace.hidden, with: input, alpha: alpha,
            count: (kept?.count ?? workspace.rows) * config.hiddenSize)
        }
        if workspace.passRows.leftCount > 0 { restoreLeftRows(context.cache, workspace) }
        try observer?.finished(
          layer: layer, action: action, hidden: hiddenStates(workspace, before: before))
        if let tokenExit, tokenExit.mayLeave(behind: layer, of: config.layerCount) {
          try leave(behind: layer, tokenExit, &context.cache, workspace, observer)
        }
      }
    }
    context.pass?.nextLayer = last + 1
  }

  private func run(
    _ layer: Int, _ action: LayerAction, _ cache: inout KVCache, _ workspace: Workspace,
    _ observer: (any ForwardObserver)?, keeping kept: [Int]?
  ) throws {
    if action.runsAttention { try enter(layer, &cache, workspace, observer) }
    try blocks[layer].run(workspace, action, keeping: kept)
    if let observer, observer.readsActivations(of: layer), workspace.elementBytes == 4,
      downProjection(of: layer) != nil, action.runsFeedForward
    {
      workspace.stream.synchronize()
      try observer.activated(
        layer: layer,
        inner: HiddenStates(
          buffer: workspace.inner, rows: workspace.rows, rowsLeft: workspace.passRows.leftCount,
          width: config.intermediateSize))
    }
  }

  /// Reads a layer's output at the last new token of each sequence, and stops there for good.
  ///
  /// That layer computes no other row's output, later ones nothing. The cache holds what it held before.
  ///
  /// Shape: [sequences with new tokens, hiddenSize].
  ///
  /// - Throws: as `forward`.
  public func lastHiddenStates(
    of batch: PackedTokens, in context: inout DecoderContext, layer: Int
  ) throws -> [Float] {
    precondition((0..<config.layerCount).contains(layer), "layer \(layer)")
    guard batch.rows > 0 else { return [] }
    try open(batch, in: &context, nil)
    defer { context.abandonPass() }
    let workspace = context.workspace
    workspace.chooseLogitRows(.lastOfEach, batch)
    try run(through: layer, in: &context, DepthPlan.full, nil, readsWantedRows: true)
    workspace.stream.synchronize()
    return Array(
      UnsafeBufferPointer(
        start: workspace.hidden.floats, count: workspace.rows * config.hiddenSize))
  }

  private func hiddenStates(
    _ workspace: Workspace, before: (rows: Int, left: Int)? = nil
  ) -> HiddenStates {
    HiddenStates(
      buffer: workspace.hidden, rows: workspace.rows, rowsLeft: workspace.passRows.leftCount,
      width: config.hiddenSize, before: before)
  }

  private static func openPass(_ context: borrowing DecoderContext) -> Pass {
    guard let pass = context.pass, !pass.isFinished else {
      preconditionFailure("a pass has begun and is open")
    }
    return pass
  }

  /// Runs a part of the open pass; where it fails, the pass is closed and the cache taken back.
  private func closingOnError(
    _ context: inout DecoderContext, _ part: (inout DecoderContext) throws -> Void
  ) throws {
    do {
      try part(&context)
    } catch {
      context.abandonPass()
      throw error
    }
  }

  /// Logits of the rows that get them, which have been chosen.
  private func computeLogits(
    _ cache: borrowing KVCache, _ workspace: Workspace, _ exitBridges: ExitBridges?
  ) throws {
    let wanted = workspace.wantedRows
    guard !wanted.isEmpty else { return }
    let gathered = workspace.prepareLogits(rows: wanted.count)
    var source = workspace.hidden
    if !workspace.holdsExactly(wanted) {
      gatherFinalStates(wanted, cache, workspace, into: gathered)
      if let exitBridges { try cross(exitBridges, wanted, cache, workspace, gathered) }
      source = gathered
    }
    try exit.readOut(source, rows: wanted.count, workspace)
    workspace.stream.synchronize()
  }

  /// The logits that hidden states would give if every later layer were left out: the family's own
  /// final norm and head (nostalgebraist's logit lens, 2020).
  ///
  /// Shape: hidden [rows, hiddenSize], result [rows, vocabularySize].
  ///
  /// - Parameters:
  ///   - hidden: the states.
  ///   - bridge: takes them to the final state first.
  ///   - firstRows: those at the first position of a sequence.
  /// - Returns: the logits.
  /// - Throws: `ModelError` where the numbers are no whole rows, `EngineError`.
  public func logits(
    ofHiddenStates hidden: [Float], bridge: PackedBridge? = nil, firstRows: [Int] = []
  ) throws -> [Float] {
    guard hidden.count % config.hiddenSize == 0 else {
      throw ModelError(
        "hidden states", expected: "rows of \(config.hiddenSize) numbers", found: "\(hidden.count)")
    }
    let rows = hidden.count / config.hiddenSize
    let workspace = Workspace(
      config: config, stream: backend.makeStream(), inputBytes: backend.inputBytes)
    workspace.prepare(rows: rows)
    _ = workspace.prepareLogits(rows: rows)
    workspace.hidden.floats.update(from: hidden, count: hidden.count)
    try bridge?.cross(workspace, workspace.hidden, rows: rows, firstRows: firstRows)
    try exit.readOut(workspace.hidden, rows: rows, workspace)
    workspace.stream.synchronize()
    return Array(
      UnsafeBufferPointer(start: workspace.logits.floats, count: rows * config.vocabularySize))
  }
}
