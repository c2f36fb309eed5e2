/// A pass as it stood between two layers: the batch, the layer that comes next, and the residual
/// stream.
///
/// Several plans that part at one layer can share what lies before it: take the pass there once, keep
/// a snapshot, and restore it before each further plan. Keys and values of the layers before stay in
/// the context's cache, so a snapshot is of use to its own context only, and only until that context
/// begins another pass.
public struct PassSnapshot: Sendable {
  /// The first layer that has not run.
  public let nextLayer: Int
  let passNumber: Int
  /// Shape: [rows, hiddenSize].
  let hidden: [Float]
}

/// A pass in progress, or the last one that was finished.
struct Pass {
  let number: Int
  let batch: PackedTokens
  var nextLayer = 0
  var isFinished = false
  /// The lowest layer from which the pass was taken up again: keys and values from there on are no
  /// longer those of its first run.
  var rerunFrom = Int.max
}

extension DecoderContext {
  /// Keeps the pass as it stands between two layers; none of its rows may have left.
  public func snapshot() -> PassSnapshot {
    guard let pass, !pass.isFinished else { preconditionFailure("a pass has begun and is open") }
    precondition(!workspace.passRows.someHaveLeft, "all rows of the pass are there")
    workspace.stream.synchronize()
    let count = pass.batch.rows * workspace.config.hiddenSize
    return PassSnapshot(
      nextLayer: pass.nextLayer, passNumber: pass.number,
      hidden: Array(UnsafeBufferPointer(start: workspace.hidden.floats, count: count)))
  }

  /// Takes the pass back to a snapshot of it, finished or not.
  ///
  /// Of several snapshots of one pass, later ones are of no use once an earlier one was restored and
  /// taken on, so plans that part late come first.
  public mutating func restore(_ snapshot: PassSnapshot) {
    guard var pass, pass.number == snapshot.passNumber, snapshot.nextLayer <= pass.rerunFrom else {
      preconditionFailure("a snapshot of this pass, no later than any that was taken on")
    }
    cache.reopen(pass.batch, isAdvanced: pass.isFinished, from: snapshot.nextLayer)
    workspace.stream.synchronize()
    workspace.prepare(pass.batch, cache)
    workspace.hidden.floats.update(from: snapshot.hidden, count: snapshot.hidden.count)
    workspace.logitRows = 0
    pass.nextLayer = snapshot.nextLayer
    pass.rerunFrom = snapshot.nextLayer
    pass.isFinished = false
    self.pass = pass
  }

  /// Gives up an open pass: the cache holds what it held before.
  public mutating func abandonPass() {
    guard pass?.isFinished == false else { return }
    cache.rewind()
    pass = nil
  }

  /// Takes over the first positions of another context's sequence, for every sequence here: what
  /// several prompts begin with is computed once.
  ///
  /// Both contexts are the same model's, and the prefix must have been computed under the plan that
  /// the passes after it use. With an open pass whose sequences begin with these positions, the
  /// layers that have not run may take over a prefix that was computed under another plan, which is
  /// how plans that part at a layer share what lies before it.
  ///
  /// - Parameters:
  ///   - other: where the prefix was computed.
  ///   - sequence: which of its sequences.
  ///   - positions: how many of its positions.
  ///   - layers: whose keys and values are taken over; `nil`: every layer's.
  public mutating func adoptPrefix(
    of other: borrowing DecoderContext, sequence: Int = 0, positions: Int,
    layers: Range<Int>? = nil
  ) {
    precondition(model == other.model, "contexts of one model")
    if let pass, !pass.isFinished {
      let isAhead = layers.map { $0.lowerBound >= pass.nextLayer } ?? false
      precondition(isAhead && cache.lengths.allSatisfy { $0 == positions }, "a prefix ahead")
      precondition(!workspace.passRows.someHaveLeft, "all rows of the pass are there")
    } else {
      pass = nil
    }
    cache.adopt(
      other.cache, sequence: sequence, positions: positions,
      layers: layers ?? 0..<workspace.config.layerCount)
  }
}
