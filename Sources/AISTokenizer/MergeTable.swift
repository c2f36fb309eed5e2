/// The token that two adjacent symbols become; merges with a lower rank come first.
struct Merge: Equatable, Sendable {
  let rank: UInt32
  let id: Int32
}

/// The merges of a byte-pair vocabulary, by the ids of their two halves.
struct MergeTable: Sendable {
  private struct Slot {
    var pair: UInt64
    var merge: Merge
  }
  private static let empty = Slot(pair: .max, merge: Merge(rank: 0, id: 0))
  private var slots: [Slot]

  /// An empty table for at most `capacity` merges.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: Self.empty, count: size)
  }

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Adds the merge of `left` and `right`, unless the pair has an earlier one.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    slots.withUnsafeMutableBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: ByteHash.mix(pair)) & (slots.count - 1)
      while slots[slot].pair != .max {
        if slots[slot].pair == pair { return }
        slot = (slot + 1) & (slots.count - 1)
      }
      slots[slot] = Slot(pair: pair, merge: merge)
    }
  }

  /// The merge of `left` and `right`.
  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> Merge? {
    let pair = Self.pair(left, right)
    return slots.withUnsafeBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: ByteHash.mix(pair)) & (slots.count - 1)
      while true {
        let candidate = slots[slot]
        if candidate.pair == pair { return candidate.merge }
        if candidate.pair == .max { return nil }
        slot = (slot + 1) & (slots.count - 1)
      }
    }
  }
}

/// Fills a merge table from merges given by their bytes, best first.
struct MergeTableBuilder {
  private(set) var table: MergeTable
  private let pieces: PieceTable
  private var rank: UInt32 = 0
  private var lastJoined: Int32 = -1

  /// A builder for at most `count` merges of these pieces.
  init(_ pieces: PieceTable, count: Int) {
    self.pieces = pieces
    table = MergeTable(capacity: count)
  }

  /// Adds the next merge; returns false unless both halves and the joined bytes are pieces.
  ///
  /// `joined` has the bytes of both halves; the second half begins at `middle`.
  mutating func add(_ joined: [UInt8], splitAt middle: Int) -> Bool {
    joined.withUnsafeBufferPointer { joined in
      guard let left = pieces.find(UnsafeBufferPointer(rebasing: joined[..<middle])),
        let right = pieces.find(UnsafeBufferPointer(rebasing: joined[middle...])),
        let sum = find(joined)
      else { return false }
      table.insert(left, right, Merge(rank: rank, id: sum))
      rank += 1
      lastJoined = sum
      return true
    }
  }

  /// Finds the piece with these bytes.
  ///
  /// Most vocabularies number tokens in the order of their merges, so the last piece and the next one
  /// are tried before anything is hashed.
  private func find(_ joined: UnsafeBufferPointer<UInt8>) -> Int32? {
    for guess in lastJoined..<lastJoined + 2
    where guess >= 0 && guess < pieces.count && pieces.holds(joined, at: Int(guess)) {
      return guess
    }
    return pieces.find(joined)
  }
}
