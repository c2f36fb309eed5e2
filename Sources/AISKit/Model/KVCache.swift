import CAISKernels
import Foundation

/// Keys and values of the positions computed so far, for a fixed number of sequences.
///
/// Layout: see `ais_attention.h`. Memory is reserved for `capacity` positions of each sequence and
/// touched as positions are filled. A layer that a pass left out has no entries for that pass's
/// positions: it can stay left out, but not run later for the same sequence.
public struct KVCache: ~Copyable {
  /// Positions that each sequence can hold.
  public let capacity: Int
  /// Positions that each sequence holds.
  ///
  /// Shape: [sequences].
  public private(set) var lengths: [Int]

  private let layerCount: Int
  private let keyFloats: Int
  private let valueFloats: Int
  private let buffer: DeviceBuffer
  /// Positions that a layer holds for a sequence.
  ///
  /// Shape: [layers, sequences].
  private var filled: [Int]

  /// Reserves memory for `sequences` sequences of up to `capacity` positions.
  ///
  /// - Throws: `ModelError` where that is more than the machine has.
  public init(config: ModelConfig, sequences: Int, capacity: Int) throws {
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
    layerCount = config.layerCount
    keyFloats = config.kvHeads * rounded * config.headDim
    valueFloats = config.kvHeads * rounded * ais_value_stride(config.headDim)
    lengths = Array(repeating: 0, count: sequences)
    filled = Array(repeating: 0, count: config.layerCount * sequences)
    buffer = DeviceBuffer(
      byteCount: config.layerCount * sequences * (keyFloats + valueFloats) * 4)
  }

  /// Sequences in the cache.
  public var sequenceCount: Int { lengths.count }

  /// Forgets every position; the memory stays.
  public mutating func removeAll() {
    for i in lengths.indices { lengths[i] = 0 }
    for i in filled.indices { filled[i] = 0 }
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

  /// Points the spans at one layer and counts their rows as filled there.
  mutating func enter(layer: Int, spans: inout [ais_span]) throws {
    for sequence in spans.indices {
      let slot = layer * sequenceCount + sequence
      guard filled[slot] == lengths[sequence] else {
        throw ModelError(
          "layer \(layer)",
          expected: "keys and values of all \(lengths[sequence]) earlier positions",
          found: "\(filled[slot]), since the layer was left out before; it must stay left out")
      }
      let base = buffer.floats + slot * (keyFloats + valueFloats)
      spans[sequence].keys = base
      spans[sequence].values = base + keyFloats
      filled[slot] += spans[sequence].row_count
    }
  }

  /// Counts the batch's positions as held, once all layers are through.
  mutating func advance(_ batch: PackedTokens) {
    for sequence in lengths.indices {
      lengths[sequence] += batch.starts[sequence + 1] - batch.starts[sequence]
    }
  }

  /// Undoes what a pass that failed had counted.
  mutating func rewind() {
    for layer in 0..<layerCount {
      for sequence in lengths.indices {
        let slot = layer * sequenceCount + sequence
        filled[slot] = min(filled[slot], lengths[sequence])
      }
    }
  }
}
