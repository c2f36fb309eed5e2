/// Which rows of a batch get logits.
public enum LogitRows: Sendable, Equatable {
  /// None: the pass fills the cache and computes no logits.
  case none
  /// The last new token of each sequence, in order. A sequence without new tokens gets no row.
  case lastOfEach
  /// Every new token.
  case all
}

/// A decoder-only transformer with its weights.
///
/// It is immutable and can be shared by threads; a `DecoderContext` holds the state of its passes.
public final class DecoderModel: Sendable {
  /// The model's shape.
  public let config: ModelConfig
  package let backend: any Backend
  let entry: Entry
  let blocks: [Block]
  package let readout: Readout
  let rotaryTables: RotaryTables
  /// The steps of a path that runs each layer once.
  let stepsOnce: [Step]

  init(
    config: ModelConfig, backend: any Backend, entry: EntryWeights, blocks: [BlockWeights],
    readout: ReadoutWeights
  ) {
    precondition(blocks.count == config.layerCount)
    self.config = config
    self.backend = backend
    self.entry = Entry(config: config, weights: entry)
    let slopes = config.distanceSlopes.isEmpty ? nil : backend.makeBuffer(config.distanceSlopes)
    self.blocks = blocks.enumerated().map { layer, weights in
      Block(config: config, layer: layer, weights: weights, slopes: slopes)
    }
    self.readout = Readout(
      config: config, weights: readout, activationBytes: backend.activationBytes)
    rotaryTables = RotaryTables(config.rotaries, backend: backend)
    stepsOnce = LayerPath.once.steps(of: config.layerCount)
  }

  /// The backend as text for display: engine, number type, kernels, threads.
  public var summary: String { backend.summary }

  /// A context for passes of this model over `sequences` sequences of up to `capacity` positions
  /// each.
  ///
  /// - Parameters:
  ///   - sequences: sequences that are computed together.
  ///   - capacity: positions of each.
  ///   - rows: rows of a pass for which scratch memory is made. A pass of more rows enlarges it.
  ///     `nil`: all positions, but at most a few hundred.
  ///   - path: the path that needs the most cache slots.
  /// - Returns: the context, without positions.
  /// - Throws: `RequestError` if its KV cache would not fit into the device's memory.
  public func makeContext(
    sequences: Int = 1, capacity: Int, rows: Int? = nil, path: LayerPath = .once
  ) throws -> DecoderContext {
    DecoderContext(
      try Pass(self, sequences: sequences, capacity: capacity, rows: rows, path: path))
  }

  /// Runs a whole pass: embeds the new tokens, runs every step as the policy says, computes the
  /// requested logits and adds the tokens to the cache.
  ///
  /// Each sequence's tokens continue the positions that the context's cache holds for it. The
  /// logits can then be read from the context. If the pass throws, the cache is as before.
  ///
  /// - Throws: `RequestError` for a token outside the vocabulary, a full cache or a policy that
  ///   does not fit the model; `EngineError`; errors of the observer.
  public func forward(
    _ batch: PackedTokens, in context: inout DecoderContext,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil,
    logits: LogitRows = .lastOfEach
  ) throws {
    try policy.validate(for: config, from: 0)
    let pass = try open(batch, in: &context, policy, observer)
    guard batch.rows > 0 else { return pass.abandon() }
    try complete(pass, policy, observer, logits)
  }

  /// Begins a pass and stops after step `last`, which is layer `last` if the path runs each layer
  /// once.
  ///
  /// The hidden states there can decide about the rest. `finish` completes the pass without
  /// computing anything twice.
  ///
  /// - Throws: as `forward`. The pass is then closed and the cache is as before.
  public func begin(
    _ batch: PackedTokens, in context: inout DecoderContext, through last: Int,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil
  ) throws {
    guard batch.rows > 0 else {
      throw RequestError("batch", expected: "at least one token", found: "none")
    }
    try policy.validate(for: config, from: 0)
    let pass = try open(batch, in: &context, policy, observer)
    try run(pass, through: last, policy, observer)
  }

  /// Continues an open pass and stops after step `last`.
  ///
  /// - Throws: as `forward`. A policy that would change a step that has run is refused before
  ///   anything is computed, and the pass stays open.
  public func advance(
    in context: inout DecoderContext, through last: Int,
    policy: some DepthPolicy = DepthPlan.full, observer: (any ForwardObserver)? = nil
  ) throws {
    let pass = context.openPass
    try policy.validate(for: config, from: pass.nextStep)
    try pass.follow(policy.path)
    try run(pass, through: last, policy, observer)
  }

  /// Completes an open pass: runs the remaining steps and computes the requested logits.
  ///
  /// - Throws: as `advance`.
  public func finish(
    in context: inout DecoderContext, policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil, logits: LogitRows = .lastOfEach
  ) throws {
    let pass = context.openPass
    try policy.validate(for: config, from: pass.nextStep)
    try pass.follow(policy.path)
    try complete(pass, policy, observer, logits)
  }

  private func complete(
    _ pass: Pass, _ policy: some DepthPolicy, _ observer: (any ForwardObserver)?,
    _ logits: LogitRows
  ) throws {
    pass.chooseLogitRows(logits)
    try run(
      pass, through: pass.stepCount - 1, policy, observer,
      readsWantedRows: observer?.readsHiddenStates != true)
    try pass.closingOnError { try pass.computeLogits(policy.rowExit?.exitMaps ?? [:]) }
    pass.close()
  }

  /// The operations of a whole pass over rows that are open: it writes the logits of each sequence's
  /// last row to the arena.
  func record(
    _ pass: Pass, _ plan: DepthPlan, _ exits: RecordedExits?, _ stream: any RecordingStream
  ) throws {
    try entry.embed(pass)
    pass.chooseLogitRows(.lastOfEach)
    if let exits {
      try record(pass, plan, exits, stream)
    } else {
      pass.nextStep = 0
      try run(pass, through: pass.stepCount - 1, plan, nil)
    }
    let logits = pass.arena.buffer(
      .logits, rowBytes: config.vocabularySize * 4, rows: pass.rowCount)
    try readout.readOut(pass.hidden, rows: pass.rowCount, into: logits, pass.arena, pass.stream)
  }

  /// The steps of a pass whose rows may exit: the device decides between segments.
  private func record(
    _ pass: Pass, _ plan: DepthPlan, _ exits: RecordedExits, _ stream: any RecordingStream
  ) throws {
    pass.recordedExits = exits
    defer { pass.recordedExits = nil }
    try stream.record(segments: exits.segments.count, exits.memory) { segment in
      try pass.fillOwed(pass.steps[exits.steps(of: segment)], plan, exits)
    } body: { segment in
      for stretch in exits.segments[segment] {
        let last = exits.stretches[stretch].upperBound - 1
        pass.nextStep = exits.stretches[stretch].lowerBound
        try run(pass, through: last, plan, nil)
        guard stretch + 1 < exits.stretches.count else { continue }
        let isLast = stretch + 1 == exits.segments[segment].upperBound
        try pass.decide(
          after: pass.steps[last], before: isLast ? segment + 1 : nil, exits, stream)
      }
    }
  }

  private func open(
    _ batch: PackedTokens, in context: inout DecoderContext, _ policy: some DepthPolicy,
    _ observer: (any ForwardObserver)?
  ) throws -> Pass {
    let pass = context.pass
    precondition(pass.model === self, "a context serves the model that made it")
    precondition(pass.phase != .open, "the context's last pass was finished")
    try pass.open(batch, policy.path)
    try pass.closingOnError {
      try observer?.embedded(pass.hiddenStates())
      if batch.rows > 0 { try policy.begin(pass) }
    }
    return pass
  }

  /// The only forward loop: runs the action of each step, from the pass's next step through `last`.
  ///
  /// With `readsWantedRows`, only the output of the rows that get logits is needed. The last active
  /// step then computes only these rows, and for the other rows only keys and values.
  private func run(
    _ pass: Pass, through last: Int, _ policy: some DepthPolicy,
    _ observer: (any ForwardObserver)?, readsWantedRows: Bool = false
  ) throws {
    precondition(last < pass.stepCount, "step \(last) of \(pass.stepCount)")
    pass.observer = observer
    defer { pass.observer = nil }
    let exit = policy.rowExit
    var lastActive = readsWantedRows ? policy.lastActiveStep(pass) : -1
    try pass.closingOnError {
      while pass.nextStep <= last, pass.rows.activeCount > 0 {
        let step = pass.steps[pass.nextStep]
        let action = try policy.action(at: step, pass)
        if readsWantedRows, policy.plan == nil { lastActive = policy.lastActiveStep(pass) }
        let mayExit =
          step.index < pass.stepCount - 1 && exit?.mayExit(after: step.layer) == true
        if mayExit, exit?.rule.readsInputStates == true { pass.keepInput() }
        let before = (rows: pass.rows.count, exited: pass.rows.exitedCount)
        try pass.take(
          step, action, fills: policy.fillsSkippedRows,
          narrows: step.index == min(last, lastActive))
        try observer?.finished(step, action, hidden: pass.hiddenStates(before: before))
        if mayExit, let exit { try pass.exit(after: step, exit) }
        pass.nextStep += 1
      }
    }
    pass.nextStep = max(pass.nextStep, last + 1)
  }

  /// The hidden state after a layer at the last new token of each sequence.
  ///
  /// The pass stops there and is not continued.
  ///
  /// That layer computes no other row's output, and later layers compute nothing. The cache is as
  /// before.
  ///
  /// Shape: [sequences with new tokens, hiddenSize].
  ///
  /// - Throws: as `forward`.
  public func lastHiddenStates(
    of batch: PackedTokens, in context: inout DecoderContext, layer: Int
  ) throws -> [Float] {
    precondition((0..<config.layerCount).contains(layer), "layer \(layer)")
    guard batch.rows > 0 else { return [] }
    let pass = try open(batch, in: &context, DepthPlan.full, nil)
    defer { pass.abandon() }
    pass.chooseLogitRows(.lastOfEach)
    try run(pass, through: layer, DepthPlan.full, nil, readsWantedRows: true)
    return try pass.states()
  }
}

extension DecoderModel {
  /// The down-projection of a layer's dense feed-forward network.
  package func downProjection(of layer: Int) -> WeightMatrix? {
    guard case .dense(let network) = blocks[layer].weights.feedForward else { return nil }
    return network.down
  }

  /// Whether a block's down-projection writes directly to the residual stream.
  ///
  /// Only then a linear map of its input can be merged into its weights.
  public func canGraft(on layer: Int) -> Bool {
    guard (0..<config.layerCount).contains(layer) else { return false }
    let weights = blocks[layer].weights
    guard case .dense = weights.feedForward else { return false }
    return weights.feedForwardOutputNorm == nil && !config.normPlacement.contains(.residual)
  }

  /// The weights of each block.
  package var blockWeights: [BlockWeights] { blocks.map(\.weights) }
}

extension Pass {
  /// The residual stream, for observers.
  func hiddenStates(before: (rows: Int, exited: Int)? = nil) -> HiddenStates {
    HiddenStates(
      stream, hidden, width: model.config.hiddenSize, rows: rows, before: before,
      gatherer: self)
  }

  /// Runs a part of the open pass.
  ///
  /// If it throws, the pass is closed and the cache is as before.
  func closingOnError<Result>(_ part: () throws -> Result) throws -> Result {
    do {
      return try part()
    } catch {
      abandon()
      throw error
    }
  }
}
