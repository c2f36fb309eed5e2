/// Keys and values of the computed positions, for a fixed number of sequences.
///
/// The device stores the numbers in its own layout. This class counts which positions are stored.
/// If a pass skips a layer, the layer has no entries for the pass's positions: later passes can
/// skip it too but cannot run it for the same sequence. Positions that exited early get entries as
/// `KVFill` says once a later row runs a layer that they did not run.
public final class KVCache {
  /// The expected final length of each sequence, in positions.
  ///
  /// At first it is the capacity that was asked for; `capacity` may be rounded up from it.
  ///
  /// Shape: [sequences].
  private(set) var expectedLengths: [Int] = []
  /// The stored positions of each sequence.
  ///
  /// Shape: [sequences].
  public private(set) var lengths: [Int] = []

  private let backend: any Backend
  private let stream: any ComputeStream
  private let config: ModelConfig
  /// The keys and values.
  private(set) var device: any DeviceCache
  /// The positions that each slot stores of each sequence.
  ///
  /// Shape: [slots, sequences].
  private var filled: [Int] = []
  /// Positions that exited early; `nil` until a pass lets rows exit.
  private(set) var exits: ExitLedger?
  /// A ledger kept for reuse after `removeAll`.
  private var spareExits: ExitLedger?

  /// A cache with memory for `sequences` sequences of up to `capacity` positions.
  ///
  /// - Throws: `RequestError` if the device has too little memory.
  init(
    config: ModelConfig, backend: any Backend, stream: any ComputeStream, sequences: Int,
    capacity: Int, slots: Int
  ) throws {
    self.config = config
    self.backend = backend
    self.stream = stream
    let shape = try Self.shape(
      config, backend, sequences: sequences, capacity: capacity, slots: slots)
    device = backend.makeCache(shape, reusing: nil)
    start(capacity: capacity)
  }

  /// Forgets all positions and makes room for other numbers of sequences and positions.
  ///
  /// Memory that is large enough is reused.
  ///
  /// - Throws: `RequestError` if the device has too little memory. The cache is then as before.
  func reshape(sequences: Int, capacity: Int, slots: Int) throws {
    let shape = try Self.shape(
      config, backend, sequences: sequences, capacity: capacity, slots: slots)
    device = backend.makeCache(shape, reusing: device)
    (exits, spareExits) = (nil, nil)
    start(capacity: capacity)
  }

  private func start(capacity: Int) {
    let sequences = device.shape.sequences
    expectedLengths = Array(repeating: capacity, count: sequences)
    lengths = Array(repeating: 0, count: sequences)
    filled = Array(repeating: 0, count: device.shape.slots * sequences)
  }

  private static func shape(
    _ config: ModelConfig, _ backend: any Backend, sequences: Int, capacity: Int, slots: Int
  ) throws -> CacheShape {
    precondition(sequences > 0 && capacity > 0)
    let wanted =
      Double(slots) * Double(sequences) * Double(capacity) * Double(config.kvHeads)
      * Double(config.headDim) * 8
    let memory = Double(backend.memoryBytes)
    guard wanted <= memory else {
      throw RequestError(
        "KV cache of \(sequences) × \(capacity) positions",
        expected: "at most \(Int(memory / 1e9)) GB, the machine's memory",
        found: "\(Int((wanted / 1e9).rounded(.up))) GB")
    }
    return CacheShape(
      slots: slots, sequences: sequences, capacity: capacity, kvHeads: config.kvHeads,
      headDim: config.headDim)
  }

  /// The most positions of each sequence.
  public var capacity: Int { device.shape.capacity }

  /// Sequences in the cache.
  public var sequenceCount: Int { device.shape.sequences }

  /// Slots of keys and values: one for each layer, more for paths that run a layer twice.
  public var slotCount: Int { device.shape.slots }

  /// Sets the expected final length of each sequence, in positions.
  func expect(_ lengths: [Int]) {
    precondition(lengths.count == sequenceCount && lengths.allSatisfy { $0 <= capacity })
    expectedLengths = lengths
  }

  /// Forgets every position.
  ///
  /// Memory is kept for reuse.
  func removeAll() {
    for i in lengths.indices { lengths[i] = 0 }
    for i in filled.indices { filled[i] = 0 }
    forgetExits()
  }

  /// Forgets which positions exited; the memory stays.
  func forgetExits() { (exits, spareExits) = (nil, exits ?? spareExits) }

  /// Keeps only the first `positions` of each sequence.
  ///
  /// Memory is kept for reuse.
  func truncate(to positions: Int) {
    for i in lengths.indices { lengths[i] = min(lengths[i], positions) }
    rewind()
  }

  /// Throws if a sequence has no room for its new tokens.
  func validate(_ batch: PackedTokens) throws {
    guard batch.sequenceCount == sequenceCount else {
      throw RequestError(
        "batch", expected: "\(sequenceCount) sequences, as many as the KV cache has",
        found: "\(batch.sequenceCount)")
    }
    for sequence in 0..<sequenceCount {
      let needed = lengths[sequence] + batch.starts[sequence + 1] - batch.starts[sequence]
      guard needed <= capacity else {
        throw RequestError(
          "sequence \(sequence)", expected: "at most \(capacity) positions in the KV cache",
          found: "\(needed)")
      }
    }
  }

  /// Counts the batch's positions as stored, after all layers have run.
  func advance(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] += batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Counts further positions of every sequence as stored.
  ///
  /// Of these, each of `slots` holds the first `positions`; gaps before them must have been filled.
  func extend(by count: Int, _ slots: [(slot: Int, positions: Int)]) {
    for sequence in lengths.indices {
      for (slot, positions) in slots {
        filled[slot * sequenceCount + sequence] = lengths[sequence] + positions
      }
      lengths[sequence] += count
    }
  }

  /// Removes the positions of a finished pass over `batch` from the count, so that the pass is open
  /// again.
  func retreat(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] -= batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Forgets entries beyond `lengths`, except in the slots of steps that have run.
  func rewind(keeping steps: ArraySlice<Step> = []) {
    for slot in 0..<slotCount where !steps.contains(where: { $0.cacheSlot == slot }) {
      for sequence in lengths.indices {
        let place = slot * sequenceCount + sequence
        filled[place] = min(filled[place], lengths[sequence])
      }
    }
  }
}

/// The positions that a slot stores, and those that it lacks.
extension KVCache {
  /// Positions of a sequence that a slot lacks.
  struct Gap: Equatable {
    let sequence: Int
    var positions: Range<Int>
  }

  /// The positions that a step's slot lacks because they exited before the step.
  ///
  /// `runs` are the rows that are about to run the step, in order.
  ///
  /// - Throws: `RequestError` if the slot lacks positions for another reason.
  func gaps(_ step: Step, runs: [RowRun]) throws -> [Gap] {
    var gaps: [Gap] = []
    for (index, run) in runs.enumerated() {
      let before = index > 0 && runs[index - 1].sequence == run.sequence ? runs[index - 1] : nil
      let held =
        before.map { $0.position + $0.count }
        ?? filled[step.cacheSlot * sequenceCount + run.sequence]
      guard held < run.position else { continue }
      try check(held..<run.position, sequence: run.sequence, step)
      gaps.append(Gap(sequence: run.sequence, positions: held..<run.position))
    }
    return gaps
  }

  /// Throws if the positions, which a slot lacks, did not exit before the step.
  private func check(_ positions: Range<Int>, sequence: Int, _ step: Step) throws {
    if let exits,
      positions.allSatisfy({
        exits.exitStep(sequence: sequence, position: $0) <= Int32(step.index)
      })
    {
      return
    }
    throw RequestError(
      "layer \(step.layer)",
      expected: "keys and values of all \(positions.upperBound) earlier positions",
      found: "\(positions.lowerBound), since the layer was skipped before; it must stay skipped")
  }

  /// Counts a slot as filled up to the rows that are about to run it.
  func fillGaps(slot: Int, runs: [RowRun]) {
    for run in runs {
      let place = slot * sequenceCount + run.sequence
      filled[place] = max(filled[place], run.position)
    }
  }

  /// Counts a slot as filled up to the last row that runs it, gaps included.
  func fill(slot: Int, runs: [RowRun]) {
    for run in runs { filled[slot * sequenceCount + run.sequence] = run.position + run.count }
  }
}

/// Positions that exited early.
extension KVCache {
  /// Starts to store exits, with this fill.
  ///
  /// - Throws: `RequestError` if stored positions exited with another fill.
  func rememberExits(fill: KVFill) throws {
    if let ledger = exits, ledger.fill != fill, ledger.isEmpty { exits?.fill = fill }
    if let exits {
      guard exits.fill == fill else {
        throw RequestError(
          "kv_cache_strategy",
          expected: "\(exits.fill.rawValue), as of positions that exited before",
          found: fill.rawValue)
      }
      return
    }
    if var spare = spareExits {
      spareExits = nil
      spare.fill = fill
      spare.forgetAll(stream)
      exits = spare
    } else {
      exits = ExitLedger(
        fill: fill, sequences: sequenceCount, capacity: capacity, width: config.hiddenSize,
        backend, stream)
    }
  }

  /// Marks positions as exited before a step, or with `RowState.active` as not exited.
  func setExits(_ places: [Int], to step: Int32, by map: RowMap) {
    exits?.set(places, to: step, by: map, stream)
  }

  /// Notes an exit that the device already knows.
  func noteExit(sequence: Int, position: Int, at step: Int32) {
    exits?.note(sequence: sequence, position: position, at: step)
  }

  /// Copies the first positions of one sequence of another cache into every sequence of this one,
  /// in some slots.
  ///
  /// Both caches belong to the same model.
  ///
  /// `makeMap` uploads pairs of source and target places.
  func adopt(
    _ source: KVCache, sequence: Int, positions: Int, slots: Range<Int>,
    makeMap: ([Int], [Int]) -> RowMap
  ) throws {
    precondition(positions <= source.lengths[sequence] && positions <= capacity)
    if let adopted = source.exits { try rememberExits(fill: adopted.fill) }
    let counts = slots.map { min(source.filled[$0 * source.sequenceCount + sequence], positions) }
    for (slot, count) in zip(slots, counts) {
      for target in lengths.indices { filled[slot * sequenceCount + target] = count }
    }
    stream.copyPositions(
      of: source.device, sequence: sequence, slots: slots, counts: counts, into: device)
    for target in lengths.indices { lengths[target] = positions }
    if let exits {
      let places = lengths.indices.flatMap { target in
        (0..<positions).map { exits.place(sequence: target, position: $0) }
      }
      setExits(places, to: RowState.active, by: makeMap(places, places))
    }
    guard let adopted = source.exits else { return }
    for target in lengths.indices {
      let from = (0..<positions).map { adopted.place(sequence: sequence, position: $0) }
      let to = (0..<positions).map { exits?.place(sequence: target, position: $0) ?? 0 }
      exits?.adopt(
        adopted, sequence: sequence, positions: positions, into: target, by: makeMap(from, to),
        width: config.hiddenSize, stream)
    }
  }
}
