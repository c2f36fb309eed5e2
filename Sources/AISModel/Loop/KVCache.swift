/// Keys and values of the positions computed so far, for a fixed number of sequences.
///
/// The numbers lie on the device, in a layout of its own; what is held is counted here. A layer that a pass
/// skipped has no entries for that pass's positions: it can stay skipped, but not run later for the same
/// sequence. Of positions that exited early, a layer that they did not run gets what `KVFill` says once a
/// later row runs it.
public final class KVCache {
  /// Positions that each sequence is expected to come to; at first the capacity that was asked for, from
  /// which `capacity` is rounded up.
  ///
  /// Shape: [sequences].
  private(set) var expectedLengths: [Int] = []
  /// Positions that each sequence holds.
  ///
  /// Shape: [sequences].
  public private(set) var lengths: [Int] = []

  private let backend: any Backend
  private let stream: any ComputeStream
  private let config: ModelConfig
  /// The keys and values.
  private(set) var device: any DeviceCache
  /// Positions that a slot holds for a sequence.
  ///
  /// Shape: [slots, sequences].
  private var filled: [Int] = []
  /// Positions that exited early; `nil` until a pass lets rows exit.
  private(set) var exits: ExitLedger?
  /// Memory of positions that exited before everything was forgotten.
  private var spareExits: ExitLedger?

  /// Reserves memory for `sequences` sequences of up to `capacity` positions.
  ///
  /// - Throws: `RequestError` if that is more than the device has.
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

  /// Makes room for other numbers of sequences and positions, forgetting those held; memory that
  /// suffices is kept.
  ///
  /// - Throws: `RequestError` if that is more than the device has; the cache is then as it was.
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

  /// Positions that each sequence can hold.
  public var capacity: Int { device.shape.capacity }

  /// Sequences in the cache.
  public var sequenceCount: Int { device.shape.sequences }

  /// Layers' worth of keys and values.
  public var slotCount: Int { device.shape.slots }

  /// Says how many positions each sequence will come to.
  func expect(_ lengths: [Int]) {
    precondition(lengths.count == sequenceCount && lengths.allSatisfy { $0 <= capacity })
    expectedLengths = lengths
  }

  /// Forgets every position; the memory stays.
  func removeAll() {
    for i in lengths.indices { lengths[i] = 0 }
    for i in filled.indices { filled[i] = 0 }
    (exits, spareExits) = (nil, exits ?? spareExits)
  }

  /// Forgets what follows the first positions of each sequence; the memory stays.
  func truncate(to positions: Int) {
    for i in lengths.indices { lengths[i] = min(lengths[i], positions) }
    rewind()
  }

  /// Throws if the batch does not fit after what the sequences hold.
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

  /// Counts the batch's positions as held, once all layers are through.
  func advance(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] += batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Takes a finished pass over `batch` back to where it was open.
  func retreat(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] -= batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Forgets what slots hold of positions that are not held, but for those of steps that have run.
  func rewind(keeping steps: ArraySlice<Step> = []) {
    for slot in 0..<slotCount where !steps.contains(where: { $0.cacheSlot == slot }) {
      for sequence in lengths.indices {
        let place = slot * sequenceCount + sequence
        filled[place] = min(filled[place], lengths[sequence])
      }
    }
  }
}

/// Which positions a slot holds, and which it lacks.
extension KVCache {
  /// Positions of a sequence that a slot lacks.
  struct Gap: Equatable {
    let sequence: Int
    var positions: Range<Int>
  }

  /// Which positions a step's slot lacks of the sequences whose rows, in order, are about to run it, because
  /// they exited before it.
  ///
  /// - Throws: `RequestError` if it lacks some for another reason.
  func gaps(_ step: Step, runs: [PassRows.Run]) throws -> [Gap] {
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

  /// Throws if a slot lacks positions for another reason than that they exited before its step.
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
      found: "\(positions.lowerBound), since the layer was left out before; it must stay left out")
  }

  /// Counts a slot as filled up to the last of the rows that run it, gaps included.
  func fill(slot: Int, runs: [PassRows.Run]) {
    for run in runs { filled[slot * sequenceCount + run.sequence] = run.position + run.count }
  }
}

/// Positions that exited early.
extension KVCache {
  /// Remembers exits from here on, under a fill.
  ///
  /// - Throws: `RequestError` if positions that are held exited under another fill.
  func rememberExits(fill: KVFill) throws {
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

  /// Positions exit before a step, or are about to be computed anew (`RowState.active`).
  func setExits(_ places: [Int], to step: Int32, by map: RowMap) {
    exits?.set(places, to: step, by: map, stream)
  }

  /// Gives every sequence the first positions of a sequence of another cache of the same model, in some
  /// slots.
  ///
  /// `makeMap` uploads pairs of places.
  func adopt(
    _ source: KVCache, sequence: Int, positions: Int, slots: Range<Int>,
    makeMap: ([Int], [Int]) -> RowMap
  ) throws {
    precondition(positions <= source.lengths[sequence] && positions <= capacity)
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
    guard let left = source.exits else { return }
    try rememberExits(fill: left.fill)
    for target in lengths.indices {
      let from = (0..<positions).map { left.place(sequence: sequence, position: $0) }
      let to = (0..<positions).map { exits?.place(sequence: target, position: $0) ?? 0 }
      exits?.adopt(
        left, sequence: sequence, positions: positions, into: target, by: makeMap(from, to),
        width: config.hiddenSize, stream)
    }
  }
}
