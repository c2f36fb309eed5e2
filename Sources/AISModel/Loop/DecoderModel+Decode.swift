/// Positions beyond those asked for that a recorded pass may reach, so that it can run again.
private let spareReach = 512
/// The most recorded passes that a context keeps.
private let keptPrograms = 8
/// The most passes that run without the host.
private let mostAhead = 512

/// A pass of a decode: the token that each sequence chose, and how deep its row went.
public struct DecodedPass: Sendable, Equatable {
  /// The most probable next token of each sequence; −1 if its logit is not finite.
  ///
  /// Shape: [sequences].
  public let tokens: [Int32]
  /// The layer after which each row exited; −1 for rows that ran all.
  ///
  /// Shape: [sequences].
  public let exitLayers: [Int]
  /// Blocks that were computed for each row before it exited.
  ///
  /// Shape: [sequences].
  public let executedLayers: [Int]
}

extension DecoderModel {
  /// Whether `decode` computes several passes without the host between them.
  ///
  /// The device must be able to record passes, and the policy must be a plan. Rows may exit if the
  /// device can decide about it: by routers or by a schedule, without exit bridges. Every sequence must
  /// have a position: what comes first in a sequence may be computed otherwise.
  public func decodesAhead(_ policy: some DepthPolicy, in context: borrowing DecoderContext) -> Bool
  {
    guard let stream = context.pass.stream as? any RecordingStream, let plan = policy.plan,
      let key = ProgramKey(plan, policy.rowExit), !context.pass.unrecordable.contains(key),
      context.cache.lengths.allSatisfy({ $0 > 0 })
    else { return false }
    return policy.rowExit.map { canRecord($0, plan, stream) } ?? true
  }

  /// Continues every sequence: `count` passes, each over the tokens that the pass before chose, or
  /// over given ones.
  ///
  /// On a device that can record passes, the host waits only for the last one. The context's logits
  /// cannot be read afterwards.
  ///
  /// - Parameters:
  ///   - tokens: the first pass's tokens, one for each sequence.
  ///   - count: passes.
  ///   - given: the tokens of the passes after the first, as far as they don't depend on what is
  ///     chosen. Shape: [at most count − 1][sequences].
  ///   - context: holds the sequences.
  ///   - policy: decides what each pass computes.
  /// - Returns: what each pass did, in order.
  /// - Throws: as `forward`.
  public func decode(
    _ tokens: [Int32], count: Int, given: [[Int32]] = [], in context: inout DecoderContext,
    policy: some DepthPolicy = DepthPlan.full
  ) throws -> [DecodedPass] {
    precondition(given.allSatisfy { $0.count == tokens.count }, "a given token for each sequence")
    let all = PackedTokens(
      tokens.indices.map { row in
        (0..<count).map { $0 > 0 && $0 <= given.count ? given[$0 - 1][row] : max(tokens[row], 0) }
      })
    try policy.validate(for: config, from: 0)
    try context.cache.validate(all)
    try entry.validate(all, lengths: context.cache.lengths)
    var done: [DecodedPass] = []
    func next() -> [Int32] {
      guard let last = done.last else { return tokens }
      return done.count <= given.count ? given[done.count - 1] : last.tokens
    }
    if let plan = policy.plan, decodesAhead(policy, in: context),
      let stream = context.pass.stream as? any RecordingStream
    {
      // The first pass makes most of the memory that later ones use.
      if context.pass.programs.isEmpty, count > 0 {
        done.append(try decodeOnce(next(), in: &context, policy))
      }
      while done.count < count,
        let more = try decode(
          next(), count: min(count - done.count, mostAhead),
          given: Array(given.dropFirst(done.count)), in: &context, plan, policy.rowExit, stream)
      {
        done += more
      }
    }
    while done.count < count { done.append(try decodeOnce(next(), in: &context, policy)) }
    return done
  }

  private func decodeOnce(
    _ tokens: [Int32], in context: inout DecoderContext, _ policy: some DepthPolicy
  ) throws -> DecodedPass {
    let trace = DepthTrace()
    try forward(
      PackedTokens(decoding: tokens.map { max($0, 0) }), in: &context, policy: policy,
      observer: trace)
    return DecodedPass(
      tokens: tokens.indices.map { row in
        context.withLogits(row: row) { logits in
          let best = logits.firstLargest
          return logits[best].isFinite ? Int32(best) : -1
        }
      },
      exitLayers: trace.exitLayers,
      executedLayers: tokens.indices.map { trace.executedLayers(ofRow: $0) })
  }

  /// Decodes by a recorded pass; `nil` if it cannot be recorded.
  private func decode(
    _ tokens: [Int32], count: Int, given: [[Int32]], in context: inout DecoderContext,
    _ plan: DepthPlan, _ exit: RowExit?, _ stream: any RecordingStream
  ) throws -> [DecodedPass]? {
    let pass = context.pass
    guard let key = ProgramKey(plan, exit) else { return nil }
    // A token that could not be chosen is replaced, as on the device.
    let batch = PackedTokens(decoding: tokens.map { max($0, 0) })
    try pass.open(batch, plan.path, further: count - 1)
    return try pass.closingOnError {
      // Recorded passes don't look for positions that a slot lacks.
      try pass.fillGaps(of: pass.steps.filter { plan[$0.layer].runsAttention })
      let memory = pass.recordMemory(passes: mostAhead)
      let exits = try exit.flatMap { try pass.recordedExits($0, key, memory) }
      pass.forgetExits(ofNext: count)
      guard let program = try pass.program(key, exits, stream, memory, further: count - 1) else {
        pass.abandon()
        return nil
      }
      stream.clear(memory.log.entries, count: 1)
      exits.map { pass.uploadExits($0, passes: count) }
      stream.upload(
        (0..<count).flatMap {
          $0 < given.count ? given[$0] : [Int32](repeating: -1, count: tokens.count)
        }, into: memory.given)
      for _ in 0..<count { stream.run(program) }
      let rows = tokens.count
      let numbers = try stream.download(
        memory.log.entries, byteCount: PassLog.byteCount(passes: count, rows: rows)
      ).integers
      let exitSteps = (0..<count).map {
        Array(PassLog.exitSteps(numbers, pass: $0, rows: rows))
      }
      pass.noteRecorded(exitSteps, plan, key, exits)
      pass.forgetPass()
      pass.logitRows = 0
      return (0..<count).map {
        DecodedPass(
          tokens: Array(PassLog.tokens(numbers, pass: $0, rows: rows)), exitSteps[$0], pass.steps,
          plan)
      }
    }
  }
}

extension DecodedPass {
  /// A recorded pass, from the first step that each row did not run.
  fileprivate init(tokens: [Int32], _ exitSteps: [Int32], _ steps: [Step], _ plan: DepthPlan) {
    self.tokens = tokens
    let depths = exitSteps.map { min(Int($0), steps.count) }
    exitLayers = depths.map { $0 < steps.count ? steps[$0 - 1].layer : -1 }
    executedLayers = depths.map { depth in
      steps[..<depth].count { !plan[$0.layer].leavesOutBlock }
    }
  }
}

extension Pass {
  /// Marks the positions of the open pass and of the next ones as not exited.
  fileprivate func forgetExits(ofNext passes: Int) {
    guard let ledger = cache.exits else { return }
    let places = (0..<rowCount).flatMap { row in
      let (sequence, position) = place(of: row)
      return (0..<passes).map { ledger.place(sequence: sequence, position: position + $0) }
    }
    cache.setExits(places, to: RowState.active, by: map(places, to: places))
  }

  /// The recorded pass of a plan, recorded now if there is none yet.
  fileprivate func program(
    _ key: ProgramKey, _ exits: RecordedExits?, _ stream: any RecordingStream,
    _ memory: RecordMemory, further: Int
  ) throws -> (any DeviceProgram)? {
    let last = (cache.lengths.max() ?? 0) + further
    if let known = programs.first(where: { $0.serves(self, key, exits, reach: last) }) {
      return known.program
    }
    let reach = min(cache.capacity - 1, last + spareReach)
    stream.expect(table, toReach: reach)
    let program = try stream.record {
      try model.record(self, key.plan, exits, stream)
      let top = arena.buffer(.topTokens, rowBytes: 4)
      stream.argmax(
        arena.buffer(.logits, rowBytes: model.config.vocabularySize * 4, rows: rowCount),
        rows: rowCount, width: model.config.vocabularySize, into: top)
      stream.advance(table, chosen: top, given: memory.given, log: memory.log)
    }
    guard let program else {
      unrecordable.insert(key)
      return nil
    }
    programs.removeAll { !$0.isCurrent(self) }
    if programs.count >= keptPrograms { programs.removeFirst() }
    programs.append(PassProgram(program, self, key, exits, reach: reach))
    // Keys keep exit rules, and with them their weights.
    branchChoices = branchChoices.filter { known, _ in programs.contains { $0.key == known } }
    return program
  }
}
