import CAISKernels
import Foundation

/// Keys and values of the positions computed so far, for a fixed number of sequences.
///
/// Layout: see `ais_attention.h`. Memory is reserved for `capacity` positions of each sequence and
/// touched as positions are filled. A layer that a pass left out has no entries for that pass's
/// positions: it can stay left out, but not run later for the same sequence. Of positions that left
/// early, a layer that they did not run gets what `KVFill` says once a later row runs it.
public struct KVCache: ~Copyable {
  /// Positions that each sequence can hold.
  public private(set) var capacity = 0
  /// Positions that each sequence is expected to come to; at first the capacity that was asked for,
  /// from which `capacity` is rounded up.
  ///
  /// Shape: [sequences].
  private(set) var expectedLengths: [Int] = []
  /// Positions that each sequence holds.
  ///
  /// Shape: [sequences].
  public private(set) var lengths: [Int] = []

  private let layerCount: Int
  private let kvHeads: Int
  private let width: Int
  private var keyFloats = 0
  private var valueFloats = 0
  private var storage = ReusableBuffer()
  private var buffer = DeviceBuffer(byteCount: 0)
  /// Positions that a layer holds for a sequence.
  ///
  /// Shape: [layers, sequences].
  private var filled: [Int] = []
  /// Positions that left early; `nil` until one does.
  private(set) var leftRows: LeftRows?
  /// Memory of positions that left before everything was forgotten.
  private var spareLeftRows: LeftRows?

  /// Reserves memory for `sequences` sequences of up to `capacity` positions.
  ///
  /// - Throws: `ModelError` where that is more than the machine has.
  public init(config: ModelConfig, sequences: Int, capacity: Int) throws {
    layerCount = config.layerCount
    kvHeads = config.kvHeads
    width = config.hiddenSize
    try reshape(config: config, sequences: sequences, capacity: capacity)
  }

  /// Makes room for other numbers of sequences and positions, forgetting those held; memory that
  /// suffices is kept.
  ///
  /// - Throws: `ModelError` where that is more than the machine has; the cache is then as it was.
  mutating func reshape(config: ModelConfig, sequences: Int, capacity: Int) throws {
    precondition(sequences > 0 && capacity > 0)
    let wanted =
      Double(config.layerCount) * Double(sequences) * Double(capacity) * Double(config.kvHeads)
      * Double(config.headDim) * 8
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard wanted <= memory else {
      throw ModelError(
        "KV cache of \(sequences) × \(capacity) positions",
        expected: "at most \(Int(memory / 1e9)) GB, the machine's memory",
        found: "\(Int((wanted / 1e9).rounded(.up))) GB")
    }
    let block = AIS_KEY_BLOCK
    let rounded = (capacity + block - 1) / block * block
    self.capacity = rounded
    expectedLengths = Array(repeating: capacity, count: sequences)
    keyFloats = config.kvHeads * rounded * config.headDim
    valueFloats = config.kvHeads * rounded * ais_value_stride(config.headDim)
    lengths = Array(repeating: 0, count: sequences)
    filled = Array(repeating: 0, count: config.layerCount * sequences)
    (leftRows, spareLeftRows) = (nil, nil)
    buffer = storage.holding(
      byteCount: config.layerCount * sequences * (keyFloats + valueFloats) * 4)
  }

  /// Sequences in the cache.
  public var sequenceCount: Int { lengths.count }

  /// Says how many positions each sequence will come to.
  mutating func expect(_ lengths: [Int]) {
    precondition(lengths.count == sequenceCount && lengths.allSatisfy { $0 <= capacity })
    expectedLengths = lengths
  }

  /// Forgets every position; the memory stays.
  public mutating func removeAll() {
    for i in lengths.indices { lengths[i] = 0 }
    for i in filled.indices { filled[i] = 0 }
    (leftRows, spareLeftRows) = (nil, leftRows ?? spareLeftRows)
  }

  /// Forgets what lies behind the first positions of each sequence; the memory stays.
  mutating func truncate(to positions: Int) {
    for i in lengths.indices { lengths[i] = min(lengths[i], positions) }
    rewind()
  }

  /// Throws where the batch does not fit behind what the sequences hold.
  func validate(_ batch: PackedTokens) throws {
    guard batch.sequenceCount == sequenceCount else {
      throw ModelError(
        "batch", expected: "\(sequenceCount) sequences, as many as the KV cache has",
        found: "\(batch.sequenceCount)")
    }
    for sequence in 0..<sequenceCount {
      let needed = lengths[sequence] + batch.starts[sequence + 1] - batch.starts[sequence]
      guard needed <= capacity else {
        throw ModelError(
          "sequence \(sequence)", expected: "at most \(capacity) positions in the KV cache",
          found: "\(needed)")
      }
    }
  }

  /// A batch is about to be computed: its positions have not left.
  func open(_ batch: PackedTokens) {
    guard let leftRows else { return }
    for sequence in lengths.indices {
      let count = batch.starts[sequence + 1] - batch.starts[sequence]
      leftRows.forget(lengths[sequence]..<lengths[sequence] + count, of: sequence)
    }
  }

  /// What positions that leave are remembered in.
  ///
  /// - Throws: `DepthError` where positions that are held left under another fill.
  mutating func leaving(fill: KVFill) throws -> LeftRows {
    if let leftRows {
      guard leftRows.fill == fill else {
        throw DepthError(
          "kv_cache_strategy",
          expected: "\(leftRows.fill.rawValue), as of positions that left before",
          found: fill.rawValue)
      }
      return leftRows
    }
    let made = emptyLeftRows(fill: fill)
    leftRows = made
    return made
  }

  private mutating func emptyLeftRows(fill: KVFill) -> LeftRows {
    guard var spare = spareLeftRows else {
      return LeftRows(fill: fill, sequences: sequenceCount, capacity: capacity, width: width)
    }
    spareLeftRows = nil
    spare.fill = fill
    for sequence in lengths.indices { spare.forget(0..<capacity, of: sequence) }
    return spare
  }

  /// The cache of one sequence and layer, for rows that follow each other from a position on.
  func span(layer: Int, sequence: Int, row: Int, position: Int, count: Int) -> ais_span {
    let base =
      buffer.floats + (layer * sequenceCount + sequence) * (keyFloats + valueFloats)
    let holes = leftRows?.fill == .hole ? leftRows?.exitLayers(of: sequence) : nil
    return ais_span(
      row_start: row, row_count: count, position: position, capacity: capacity, keys: base,
      values: base + keyFloats, cosines: nil, sines: nil, exit_layers: holes, layer: Int32(layer))
  }

  /// Which positions a layer lacks of the sequences whose rows, in order, are about to run it, because
  /// they left before it.
  ///
  /// - Throws: `ModelError` where it lacks some for another reason.
  func gaps(layer: Int, runs: [PassRows.Run]) throws -> [Gap] {
    var gaps: [Gap] = []
    for (index, run) in runs.enumerated() {
      let before = index > 0 && runs[index - 1].sequence == run.sequence ? runs[index - 1] : nil
      let held =
        before.map { $0.position + $0.count } ?? filled[layer * sequenceCount + run.sequence]
      guard held < run.position else { continue }
      try check(held..<run.position, sequence: run.sequence, layer: layer)
      gaps.append(Gap(sequence: run.sequence, positions: held..<run.position))
    }
    return gaps
  }

  /// Counts a layer as filled up to the last of the rows that run it, gaps included.
  mutating func fill(layer: Int, runs: [PassRows.Run]) {
    for run in runs { filled[layer * sequenceCount + run.sequence] = run.position + run.count }
  }

  /// Positions of a sequence that a layer lacks.
  struct Gap: Equatable {
    let sequence: Int
    var positions: Range<Int>
  }

  /// Throws where a layer lacks positions for another reason than that they left before it.
  private func check(_ positions: Range<Int>, sequence: Int, layer: Int) throws {
    let exits = leftRows?.exitLayers(of: sequence)
    if let exits, positions.allSatisfy({ exits[$0] <= Int32(layer) }) { return }
    throw ModelError(
      "layer \(layer)",
      expected: "keys and values of all \(positions.upperBound) earlier positions",
      found: "\(positions.lowerBound), since the layer was left out before; it must stay left out")
  }

  /// Counts the batch's positions as held, once all layers are through.
  mutating func advance(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] += batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Takes a pass over `batch` back to where layers from `layer` on have not run.
  mutating func reopen(_ batch: PackedTokens, isAdvanced: Bool, from layer: Int) {
    if isAdvanced {
      for sequence in lengths.indices {
        lengths[sequence] -= batch.starts[sequence + 1] - batch.starts[sequence]
      }
    }
    rewind(from: layer)
    open(batch)
  }

  /// Gives every sequence the first positions of a sequence of another cache of the same model, in
  /// some layers.
  mutating func adopt(
    _ source: borrowing KVCache, sequence: Int, positions: Int, layers: Range<Int>
  ) {
    precondition(positions <= source.lengths[sequence] && positions <= capacity)
    var pieces: [Piece] = []
    for layer in layers {
      let from = layer * source.sequenceCount + sequence
      let held = min(source.filled[from], positions)
      for target in lengths.indices {
        let to = layer * sequenceCount + target
        filled[to] = held
        if held > 0 { pieces += self.pieces(of: source, slot: from, to: to, positions: held) }
      }
    }
    let (target, origin) = (buffer.floats, source.buffer.floats)
    Threads.ranges(pieces.count, grain: 16) { range in
      for piece in pieces[range] {
        (target + piece.offset).update(from: origin + piece.sourceOffset, count: piece.count)
      }
    }
    for target in lengths.indices { lengths[target] = positions }
    for target in lengths.indices { leftRows?.forget(0..<positions, of: target) }
    if let left = source.leftRows {
      let own = leftRows ?? emptyLeftRows(fill: left.fill)
      precondition(own.fill == left.fill, "positions that left under one fill")
      for target in lengths.indices {
        own.adopt(left, sequence: sequence, positions: positions, into: target)
      }
      leftRows = own
    }
  }

  /// Floats that lie in a row in both caches.
  private struct Piece {
    var offset: Int
    var sourceOffset: Int
    var count: Int
  }

  /// Where the first positions of one layer and sequence lie: keys and values of each head.
  private func pieces(
    of source: borrowing KVCache, slot: Int, to target: Int, positions: Int
  ) -> [Piece] {
    let block = AIS_KEY_BLOCK
    // Keys are interleaved by blocks of positions: whole blocks go, the rest of the last is unused.
    let keyPositions = (positions + block - 1) / block * block
    let (here, there) = (
      target * (keyFloats + valueFloats), slot * (source.keyFloats + source.valueFloats)
    )
    let (key, sourceKey) = (keyFloats / kvHeads, source.keyFloats / kvHeads)
    let (value, sourceValue) = (valueFloats / kvHeads, source.valueFloats / kvHeads)
    return (0..<kvHeads).flatMap { head in
      [
        Piece(
          offset: here + head * key, sourceOffset: there + head * sourceKey,
          count: keyPositions * (key / capacity)),
        Piece(
          offset: here + keyFloats + head * value,
          sourceOffset: there + source.keyFloats + head * sourceValue,
          count: positions * (value / capacity)),
      ]
    }
  }

  /// Undoes what a pass that failed had counted.
  mutating func rewind(from first: Int = 0) {
    for layer in first..<layerCount {
      for sequence in lengths.indices {
        let slot = layer * sequenceCount + sequence
        filled[slot] = min(filled[slot], lengths[sequence])
      }
    }
  }
}
