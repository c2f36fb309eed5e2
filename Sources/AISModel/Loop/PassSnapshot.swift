/// A pass as it stood between two steps: the step that comes next, the residual stream, and what the policy
/// remembered.
///
/// Several plans that part at one layer can share what comes before it: take the pass there once, keep a
/// snapshot, and restore it before each further plan. Keys and values of the steps before stay in the
/// context's cache. So a snapshot is of use to its own context only, and only until that context begins
/// another pass.
public struct PassSnapshot: Sendable {
  /// The first step that has not run; its layer, if the path comes to each once.
  public let nextLayer: Int
  let passNumber: Int
  /// Shape: [rows, hiddenSize].
  let states: any DeviceBuffer
  let memory: (any Sendable)?
}

extension DecoderContext {
  /// Keeps the pass as it stands between two steps; none of its rows may have exited.
  public func snapshot() -> PassSnapshot {
    let pass = openPass
    precondition(!pass.rows.someHaveExited, "all rows of the pass are there")
    return PassSnapshot(
      nextLayer: pass.nextStep, passNumber: pass.number, states: pass.copyOfStates(),
      memory: pass.memory)
  }

  /// Takes the pass back to a snapshot of it, finished or not.
  ///
  /// Of several snapshots of one pass, later ones are of no use once an earlier one was restored and
  /// taken on, so plans that part late come first.
  public mutating func restore(_ snapshot: PassSnapshot) {
    guard pass.phase != .none, pass.number == snapshot.passNumber,
      snapshot.nextLayer <= pass.rerunFrom
    else {
      preconditionFailure("a snapshot of this pass, no later than any that was taken on")
    }
    pass.reopen(at: snapshot.nextLayer, snapshot.states)
    pass.memory = snapshot.memory
  }

  /// Gives up an open pass: the cache holds what it held before.
  public mutating func abandonPass() { pass.abandon() }

  /// Takes over the first positions of another context's sequence, for every sequence here: what
  /// several prompts begin with is computed once.
  ///
  /// Both contexts are the same model's, and the prefix must have been computed under the plan that
  /// the passes after it use. With an open pass whose sequences begin with these positions, the
  /// layers that have not run may take over a prefix that was computed under another plan. That is
  /// how plans that part at a layer share what comes before it.
  ///
  /// - Parameters:
  ///   - other: the context that computed the prefix.
  ///   - sequence: which of its sequences.
  ///   - positions: how many of its positions.
  ///   - layers: whose keys and values are taken over, by cache slot; `nil`: every layer's.
  /// - Throws: `RequestError` if positions exited under different fills.
  public mutating func adoptPrefix(
    of other: borrowing DecoderContext, sequence: Int = 0, positions: Int,
    layers: Range<Int>? = nil
  ) throws {
    try pass.adoptPrefix(of: other.pass, sequence, positions: positions, slots: layers)
  }
}

extension Pass {
  /// Takes over the first positions of another pass's sequence, in some cache slots or in all.
  fileprivate func adoptPrefix(
    of other: Pass, _ sequence: Int, positions: Int, slots: Range<Int>?
  ) throws {
    precondition(model === other.model, "contexts of one model")
    if phase == .open {
      let isAhead = slots.map { $0.lowerBound >= nextStep } ?? false
      precondition(isAhead && cache.lengths.allSatisfy { $0 == positions }, "a prefix ahead")
      precondition(!rows.someHaveExited, "all rows of the pass are there")
    } else {
      reset()
    }
    try cache.adopt(
      other.cache, sequence: sequence, positions: positions,
      slots: slots ?? 0..<min(cache.slotCount, other.cache.slotCount)
    ) { map($0, to: $1) }
  }
}
