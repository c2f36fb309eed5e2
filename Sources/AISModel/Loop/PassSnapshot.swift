/// The state of a pass between two steps: the next step, the residual stream, and what the policy
/// remembers.
///
/// Several plans that first differ at one layer can share the layers before it: run the pass to
/// there once, keep a snapshot, and restore it before each further plan. Keys and values of the
/// earlier steps stay in the context's cache. So a snapshot can only be restored in its own
/// context, and only until that context begins another pass.
public struct PassSnapshot: Sendable {
  /// The first step that has not run.
  ///
  /// It is also the layer if the path runs each layer once.
  public let nextLayer: Int
  let passNumber: Int
  /// Shape: [rows, hiddenSize].
  let states: any DeviceBuffer
  let memory: (any Sendable)?
}

extension DecoderContext {
  /// A snapshot of the open pass between two steps.
  ///
  /// No row may have exited.
  public func snapshot() -> PassSnapshot {
    let pass = openPass
    precondition(!pass.rows.someHaveExited, "all rows of the pass are there")
    return PassSnapshot(
      nextLayer: pass.nextStep, passNumber: pass.number, states: pass.copyOfStates(),
      memory: pass.memory)
  }

  /// Returns the pass, open or finished, to one of its snapshots.
  ///
  /// Once an earlier snapshot of a pass has been restored and continued, later snapshots are
  /// invalid. So run first the plans that differ at the latest layer.
  public mutating func restore(_ snapshot: PassSnapshot) {
    guard pass.phase != .none, pass.number == snapshot.passNumber,
      snapshot.nextLayer <= pass.rerunFrom
    else {
      preconditionFailure("a snapshot of this pass, no later than any that was taken on")
    }
    pass.reopen(at: snapshot.nextLayer, snapshot.states)
    pass.memory = snapshot.memory
  }

  /// Abandons an open pass: the cache is as before the pass.
  public mutating func abandonPass() { pass.abandon() }

  /// Copies the first positions of another context's sequence into every sequence of this context.
  ///
  /// So a common beginning of several prompts is computed once.
  ///
  /// Both contexts must belong to the same model. The prefix must have been computed with the plan
  /// of the passes that follow. One exception: in an open pass whose sequences begin with these
  /// positions, the layers that have not run may copy a prefix that was computed with another plan.
  /// So plans that first differ at a layer share the layers before it.
  ///
  /// - Parameters:
  ///   - other: the context that computed the prefix.
  ///   - sequence: which of its sequences.
  ///   - positions: how many of its positions.
  ///   - layers: the cache slots whose keys and values are copied; `nil`: all.
  /// - Throws: `RequestError` if positions exited with different fills.
  public mutating func adoptPrefix(
    of other: borrowing DecoderContext, sequence: Int = 0, positions: Int,
    layers: Range<Int>? = nil
  ) throws {
    try pass.adoptPrefix(of: other.pass, sequence, positions: positions, slots: layers)
  }
}

extension Pass {
  /// Copies the first positions of another pass's sequence, in some cache slots or in all.
  fileprivate func adoptPrefix(
    of other: Pass, _ sequence: Int, positions: Int, slots: Range<Int>?
  ) throws {
    precondition(model === other.model, "contexts of one model")
    if phase == .open {
      let isAhead = slots.map { $0.lowerBound >= nextStep } ?? false
      precondition(isAhead && cache.lengths.allSatisfy { $0 == positions }, "a prefix ahead")
      precondition(!rows.someHaveExited, "all rows of the pass are there")
    } else {
      // Only the other's positions remain, so exits of this context's own mean nothing.
      reset()
      cache.forgetExits()
    }
    logitRows = 0
    try cache.adopt(
      other.cache, sequence: sequence, positions: positions,
      slots: slots ?? 0..<min(cache.slotCount, other.cache.slotCount)
    ) { map($0, to: $1) }
  }
}
