/// What two adjacent symbols become, and how soon: the lower the rank, the sooner.
struct Merge: Equatable, Sendable {
  let rank: UInt32
  let id: Int32
}

/// The merges of a byte-pair vocabulary by the ids of their two halves.
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
    var slot = Int(truncatingIfNeeded: ByteHash.mix(pair)) & (slots.count - 1)
    while slots[slot].pair != .max {
      if slots[slot].pair == pair { return }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(pair: pair, merge: merge)
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
