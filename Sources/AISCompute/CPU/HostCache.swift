import CAISKernels

/// Keys and values in the host's memory, float32.
///
/// `ais_attention.h` describes the layout of one slot and sequence. Slots lie one after the other,
/// and within a slot the sequences. A page takes memory only once its positions are filled.
final class HostCache: DeviceCache, @unchecked Sendable {
  let shape: CacheShape
  private let memory: HostBuffer
  private let keyFloats: Int
  private let valueFloats: Int

  /// A cache of a shape, its capacity rounded up to whole blocks of keys.
  ///
  /// Uses the memory of `spare` if it is large enough.
  init(_ wanted: CacheShape, reusing spare: HostCache?) {
    var shape = wanted
    let block = AIS_KEY_BLOCK
    shape.capacity = (wanted.capacity + block - 1) / block * block
    self.shape = shape
    keyFloats = shape.kvHeads * shape.capacity * shape.headDim
    valueFloats = shape.kvHeads * shape.capacity * ais_value_stride(shape.headDim)
    let bytes = shape.slots * shape.sequences * (keyFloats + valueFloats) * 4
    if let spare, spare.memory.byteCount >= bytes {
      memory = spare.memory
    } else {
      // A little more, so that shapes that grow slowly don't allocate each time.
      memory = HostBuffer(byteCount: spare == nil ? bytes : bytes + bytes / 8)
    }
  }

  /// The kernels' description of a run of rows, with a slot's keys and values.
  func span(_ run: RowRun, slot: Int) -> ais_span {
    let keys =
      memory.floats + (slot * shape.sequences + run.sequence) * (keyFloats + valueFloats)
    return ais_span(
      row_start: run.firstRow, row_count: run.count, position: run.position,
      capacity: shape.capacity, keys: keys, values: keys + keyFloats, cosines: nil, sines: nil,
      exit_layers: nil, layer: 0)
  }

  /// Numbers that are contiguous in both caches.
  private struct Piece {
    var offset: Int
    var sourceOffset: Int
    var count: Int
  }

  /// Copies the first positions of another cache's sequence to every sequence of this one:
  /// `counts[i]` positions in slot i of `slots`.
  func copy(_ source: HostCache, sequence: Int, slots: Range<Int>, counts: [Int]) {
    var pieces: [Piece] = []
    for (slot, count) in zip(slots, counts) where count > 0 {
      for target in 0..<shape.sequences {
        pieces += self.pieces(
          of: source, from: slot * source.shape.sequences + sequence,
          to: slot * shape.sequences + target, count: count)
      }
    }
    let (target, origin) = (UncheckedPointer(memory.floats), UncheckedPointer(source.memory.floats))
    Threads.ranges(pieces.count, grain: 16) { range in
      for piece in pieces[range] {
        (target.pointer + piece.offset).update(
          from: origin.pointer + piece.sourceOffset, count: piece.count)
      }
    }
  }

  /// The pieces that hold the first positions of one slot and sequence: keys and values of each
  /// head.
  private func pieces(of source: HostCache, from: Int, to: Int, count: Int) -> [Piece] {
    let block = AIS_KEY_BLOCK
    // Keys are interleaved in blocks of positions, so whole blocks are copied. The rest of the last
    // block is unused.
    let keyPositions = (count + block - 1) / block * block
    let here = to * (keyFloats + valueFloats)
    let there = from * (source.keyFloats + source.valueFloats)
    let heads = shape.kvHeads
    let (key, sourceKey) = (keyFloats / heads, source.keyFloats / heads)
    let (value, sourceValue) = (valueFloats / heads, source.valueFloats / heads)
    return (0..<heads).flatMap { head in
      [
        Piece(
          offset: here + head * key, sourceOffset: there + head * sourceKey,
          count: keyPositions * (key / shape.capacity)),
        Piece(
          offset: here + keyFloats + head * value,
          sourceOffset: there + source.keyFloats + head * sourceValue,
          count: count * (value / shape.capacity)),
      ]
    }
  }
}

extension DeviceCache {
  /// The cache as the CPU backend's own type.
  var host: HostCache { own(self, "a cache") }
}

/// Vectors in a mapped checkpoint.
///
/// Each row is dequantized when it is read.
final class HostEmbedding: EmbeddingTable {
  let table: TensorView
  var width: Int { table.rowElements }

  init(_ table: TensorView) { self.table = table }
}

extension EmbeddingTable {
  /// The table as the CPU backend's own type.
  var host: HostEmbedding { own(self, "a table") }
}
