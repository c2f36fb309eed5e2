/// Positions beyond those asked for that a recorded pass may reach, so that it can run again.
private let spareReach = 512
/// The most recorded passes that a context keeps.
private let keptPrograms = 8
/// The most passes that run without the host.
private let mostAhead = 512

extension DecoderModel {
  /// Whether `decode` computes several passes without the host between them.
  ///
  /// The device must be able to record passes, and the policy must be a plan whose rows don't exit.
  /// Every sequence must have a position: what comes first in a sequence may be computed otherwise.
  public func decodesAhead(_ policy: some DepthPolicy, in context: borrowing DecoderContext) -> Bool
  {
    context.pass.stream is any RecordingStream && policy.plan != nil && policy.rowExit == nil
      && context.cache.exits == nil && context.cache.lengths.allSatisfy { $0 > 0 }
      && policy.plan.map { !context.pass.unrecordable.contains($0) } ?? false
  }

  /// Continues every sequence greedily: `count` passes, each over the tokens that the pass before
  /// chose.
  ///
  /// On a device that can record passes, the host waits only for the last one. The context's logits
  /// cannot be read afterwards.
  ///
  /// - Parameters:
  ///   - tokens: the first pass's tokens, one for each sequence.
  ///   - count: passes.
  ///   - context: holds the sequences.
  ///   - policy: decides what each pass computes.
  /// - Returns: the most probable next token after each pass, in order; −1 if its logit is not
  ///   finite. Shape: [count][sequences].
  /// - Throws: as `forward`.
  public func decode(
    _ tokens: [Int32], count: Int, in context: inout DecoderContext,
    policy: some DepthPolicy = DepthPlan.full
  ) throws -> [[Int32]] {
    let all = PackedTokens(tokens.map { [Int32](repeating: max($0, 0), count: count) })
    try policy.validate(for: config, from: 0)
    try context.cache.validate(all)
    try entry.validate(all, lengths: context.cache.lengths)
    var chosen: [[Int32]] = []
    if let plan = policy.plan, decodesAhead(policy, in: context),
      let stream = context.pass.stream as? any RecordingStream
    {
      // The first pass allocates what later ones use.
      if context.pass.programs.isEmpty, count > 0 {
        chosen.append(try decodeOnce(tokens, in: &context, policy))
      }
      while chosen.count < count,
        let more = try decode(
          chosen.last ?? tokens, count: min(count - chosen.count, mostAhead), in: &context, plan,
          stream)
      {
        chosen += more
      }
    }
    while chosen.count < count {
      chosen.append(try decodeOnce(chosen.last ?? tokens, in: &context, policy))
    }
    return chosen
  }

  private func decodeOnce(
    _ tokens: [Int32], in context: inout DecoderContext, _ policy: some DepthPolicy
  ) throws -> [Int32] {
    try forward(PackedTokens(decoding: tokens.map { max($0, 0) }), in: &context, policy: policy)
    return tokens.indices.map { row in
      context.withLogits(row: row) { logits in
        let best = logits.firstLargest
        return logits[best].isFinite ? Int32(best) : -1
      }
    }
  }

  /// Decodes by a recorded pass; `nil` if it cannot be recorded.
  private func decode(
    _ tokens: [Int32], count: Int, in context: inout DecoderContext, _ plan: DepthPlan,
    _ stream: any RecordingStream
  ) throws -> [[Int32]]? {
    let pass = context.pass
    // A token that could not be chosen is replaced, as on the device.
    let batch = PackedTokens(decoding: tokens.map { max($0, 0) })
    try pass.open(batch, plan.path, further: count - 1)
    return try pass.closingOnError {
      // Recorded passes don't look for positions that a slot lacks.
      for step in pass.steps where plan[step.layer].runsAttention {
        _ = try pass.cache.gaps(step, runs: pass.rows.runs)
      }
      let history = pass.history(passes: mostAhead)
      guard let program = try pass.program(plan, stream, history, further: count - 1) else {
        pass.abandon()
        return nil
      }
      stream.clear(history, count: 1)
      for _ in 0..<count { stream.run(program) }
      let bytes = (1 + count * tokens.count) * 4
      let numbers = try stream.download(history, byteCount: bytes).integers
      pass.cache.extend(
        by: count,
        slots: pass.steps.filter { plan[$0.layer].runsAttention }.map(\.cacheSlot))
      pass.forgetPass()
      pass.logitRows = 0
      return (0..<count).map { step in
        Array(numbers[1 + step * tokens.count..<1 + (step + 1) * tokens.count])
      }
    }
  }
}

extension Pass {
  /// The recorded pass of a plan, recorded now if there is none yet.
  fileprivate func program(
    _ plan: DepthPlan, _ stream: any RecordingStream, _ history: any DeviceBuffer, further: Int
  ) throws -> (any DeviceProgram)? {
    let last = (cache.lengths.max() ?? 0) + further
    if let known = programs.first(where: { $0.serves(self, plan, reach: last) }) {
      return known.program
    }
    let reach = min(cache.capacity - 1, last + spareReach)
    stream.expect(table, toReach: reach)
    let program = try stream.record {
      try model.compute(self, plan)
      let top = arena.buffer(.topTokens, rowBytes: 4)
      stream.argmax(
        arena.buffer(.logits, rowBytes: model.config.vocabularySize * 4, rows: rowCount),
        rows: rowCount, width: model.config.vocabularySize, into: top)
      stream.advance(table, tokens: top, history: history)
    }
    guard let program else {
      unrecordable.insert(plan)
      return nil
    }
    programs.removeAll { !$0.isCurrent(self) }
    if programs.count >= keptPrograms { programs.removeFirst() }
    programs.append(PassProgram(program, self, plan, reach: reach))
    return program
  }
}
