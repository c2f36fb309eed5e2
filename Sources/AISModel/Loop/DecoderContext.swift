/// The state of one thread of computation: a KV cache and the memory that its passes reuse.
///
/// Passes in different contexts may run at the same time on one model. Only the first pass of a
/// size allocates memory.
public struct DecoderContext: ~Copyable {
  let pass: Pass

  init(_ pass: Pass) { self.pass = pass }

  /// Keys and values of the positions computed so far.
  public var cache: KVCache { pass.cache }

  /// What the policy of the last passes remembers; see `Pass.memory`.
  public var memory: (any Sendable)? { pass.memory }

  /// The pass that has begun and is not yet finished.
  var openPass: Pass {
    precondition(pass.phase == .open, "a pass has begun and is open")
    return pass
  }

  /// Sets the final length of each sequence, in positions.
  ///
  /// Call it before the first position. The default is the capacity that was asked for.
  ///
  /// Only LongRoPE depends on it. With a fixed length, a sequence's rotations don't depend on the
  /// rows that are computed with it. An adopted prefix is not computed again, so both contexts
  /// should expect lengths on the same side of the original context length.
  public mutating func expect(lengths: [Int]) { cache.expect(lengths) }

  /// Forgets every position, and closes an open pass.
  ///
  /// Memory is kept for reuse.
  public mutating func removeAll() {
    cache.removeAll()
    pass.reset()
  }

  /// Keeps only the first `positions` of each sequence.
  public mutating func truncate(to positions: Int) {
    precondition(pass.phase != .open, "no pass is open")
    cache.truncate(to: positions)
    pass.forgetPass()
  }

  /// Forgets all positions and makes room for other numbers of sequences and positions.
  ///
  /// Memory that is large enough is reused.
  ///
  /// - Throws: `RequestError` if the cache would not fit into the device's memory.
  package mutating func reshape(
    sequences: Int, capacity: Int, path: LayerPath = .once
  ) throws {
    pass.reset()
    try cache.reshape(
      sequences: sequences, capacity: capacity, slots: path.slotCount(of: pass.layerCount))
  }

  /// Forgets all positions and makes room for these sequences.
  ///
  /// - Throws: as `reshape`.
  package mutating func reshape(for sequences: [[Int32]], path: LayerPath = .once) throws {
    try reshape(
      sequences: sequences.count, capacity: sequences.map(\.count).max() ?? 1, path: path)
    expect(lengths: sequences.map(\.count))
  }

  /// Rows of logits that the last pass computed.
  public var logitRows: Int { pass.logitRows }

  /// Gives `body` a row of the last pass's logits.
  ///
  /// Shape: [vocabularySize].
  public func withLogits<Result>(
    row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(row >= 0 && row < logitRows, "row \(row) of \(logitRows) rows of logits")
    let width = pass.model.config.vocabularySize
    return try pass.logits.withFloats {
      try body(UnsafeBufferPointer(rebasing: $0[row * width..<(row + 1) * width]))
    }
  }

  /// Gives `body` all of the last pass's logits.
  ///
  /// Shape: [logitRows, vocabularySize].
  public func withAllLogits<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    guard logitRows > 0 else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
    return try pass.logits.withFloats(body)
  }

  /// A copy of a row of the last pass's logits.
  ///
  /// Shape: [vocabularySize].
  public func logits(row: Int) -> [Float] { withLogits(row: row) { Array($0) } }
}
