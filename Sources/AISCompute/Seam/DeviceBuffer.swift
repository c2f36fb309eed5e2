/// A block of a device's memory.
///
/// It is opaque: only the device that made it can access its bytes. A stream's `upload` and
/// `download` copy bytes from and to the host. New contents are undefined. Not thread-safe.
package protocol DeviceBuffer: AnyObject, Sendable {
  /// Its size in bytes.
  var byteCount: Int { get }
}

/// The state of every row of a pass, on the device.
///
/// Kernels look up tokens, sequences and positions in it.
///
/// Shape: up to `capacity` rows of `RowState`.
package protocol RowTable: AnyObject, Sendable {
  /// The most rows.
  var capacity: Int { get }
}

/// Keys and values of cached positions.
///
/// The layout is the device's.
///
/// Shape: `CacheShape`.
package protocol DeviceCache: AnyObject, Sendable {
  /// Slots, sequences, positions and heads.
  var shape: CacheShape { get }
}

/// A table of vectors as a checkpoint stores it.
///
/// A device reads single rows as float32.
package protocol EmbeddingTable: AnyObject, Sendable {
  /// Numbers in a vector.
  var width: Int { get }
}

/// One row of a pass.
package struct RowState: Sendable, Equatable {
  /// The `exitStep` of a row that has not exited.
  package static let active = Int32.max

  /// Its token.
  package var token: Int32
  /// Its sequence in the cache.
  package var sequence: Int32
  /// Its position in the sequence.
  package var position: Int32
  /// The sequence's expected final length, in positions.
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
  /// Slots: one for each layer; a layer that runs twice in a pass has two.
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
