/// A block of a device's memory.
///
/// Opaque: only the device that made it knows where its bytes lie. Bytes cross by a stream's `upload` and
/// `download`. Fresh contents are undefined. Not thread-safe: the owner decides who writes.
package protocol DeviceBuffer: AnyObject, Sendable {
  /// Bytes that it holds.
  var byteCount: Int { get }
}

/// The state of every row of a pass, on the device: kernels index through it.
///
/// Shape: up to `capacity` rows of `RowState`.
package protocol RowTable: AnyObject, Sendable {
  /// Rows that it can hold.
  var capacity: Int { get }
}

/// Keys and values of cached positions. The layout is the device's.
///
/// Shape: `CacheShape`.
package protocol DeviceCache: AnyObject, Sendable {
  /// Slots, sequences, positions and heads.
  var shape: CacheShape { get }
}

/// A table of vectors as a checkpoint stores it, from which a device reads single rows as float32.
package protocol EmbeddingTable: AnyObject, Sendable {
  /// Numbers in a row.
  var width: Int { get }
}

/// What one row of a pass is.
package struct RowState: Sendable, Equatable {
  /// The exit step of a row that has not exited.
  package static let active = Int32.max

  /// Its token.
  package var token: Int32
  /// Its sequence in the cache.
  package var sequence: Int32
  /// Its position in the sequence.
  package var position: Int32
  /// Positions that the sequence is expected to come to.
  package var length: Int32
  /// The first step that the row does not run; `active` while it has not exited.
  package var exitStep = RowState.active

  package init(token: Int32, sequence: Int, position: Int, length: Int) {
    self.token = token
    self.sequence = Int32(sequence)
    self.position = Int32(position)
    self.length = Int32(length)
  }
}

/// How many keys and values a cache holds.
package struct CacheShape: Sendable, Equatable {
  /// Layers' worth of keys and values: a layer that runs twice in a pass has two slots.
  package var slots: Int
  /// Sequences.
  package var sequences: Int
  /// Positions of each sequence.
  package var capacity: Int
  /// Key-value heads.
  package var kvHeads: Int
  /// Width of a head.
  package var headDim: Int

  package init(slots: Int, sequences: Int, capacity: Int, kvHeads: Int, headDim: Int) {
    self.slots = slots
    self.sequences = sequences
    self.capacity = capacity
    self.kvHeads = kvHeads
    self.headDim = headDim
  }
}
