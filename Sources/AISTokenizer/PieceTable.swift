/// The byte strings of a vocabulary, numbered from 0, which can be found by their bytes.
///
/// Keys are bytes, never `String`: Swift treats canonically equivalent strings as equal, but in a
/// vocabulary those are different tokens.
struct PieceTable: Sendable {
  private var storage: [UInt8] = []
  private var ends: [UInt32] = []
  /// A hash table with open addressing.
  ///
  /// The high half of a slot is that of the hash, the low half the number plus one; 0 is empty.
  private var slots: [UInt64]
  private var isIndexed: [Bool] = []
  private var indexed = 0

  /// Number of pieces.
  var count: Int { ends.count }

  /// An empty table with room for `capacity` pieces.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
    ends.reserveCapacity(capacity)
    isIndexed.reserveCapacity(capacity)
    storage.reserveCapacity(capacity * 8)
  }

  /// Adds a piece that can be read by number but not yet found by its bytes.
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    storage.append(contentsOf: bytes)
    ends.append(UInt32(truncatingIfNeeded: storage.count))
    isIndexed.append(false)
  }

  /// The bytes of piece `number`, valid inside `body`.
  func withBytes<Result>(
    of number: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let start = number == 0 ? 0 : Int(ends[number - 1])
    let end = Int(ends[number])
    return try storage.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[start..<end]))
    }
  }

  /// Makes piece `number` findable; if an earlier piece has the same bytes, returns its number instead.
  mutating func index(_ number: Int) -> Int? {
    if (indexed + 1) * 2 > slots.count { grow() }
    let hash = withBytes(of: number) { ByteHash.hash($0) }
    if let other = withBytes(of: number, { find($0, hash: hash) }) { return Int(other) }
    insert(number, hash: hash)
    isIndexed[number] = true
    indexed += 1
    return nil
  }

  /// The number of the piece with these bytes.
  @inline(__always)
  func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    find(bytes, hash: ByteHash.hash(bytes))
  }

  /// True if piece `number` is findable and has these bytes.
  func holds(_ bytes: UnsafeBufferPointer<UInt8>, at number: Int) -> Bool {
    isIndexed[number] && withBytes(of: number) { ByteHash.equal($0, bytes) }
  }

  @inline(__always)
  private func find(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int32? {
    let tag = hash & 0xFFFF_FFFF_0000_0000
    return slots.withUnsafeBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while true {
        let value = slots[slot]
        if value == 0 { return nil }
        if value & 0xFFFF_FFFF_0000_0000 == tag {
          let number = Int(value & 0xFFFF_FFFF) - 1
          if withBytes(of: number, { ByteHash.equal($0, bytes) }) { return Int32(number) }
        }
        slot = (slot + 1) & (slots.count - 1)
      }
    }
  }

  private mutating func insert(_ number: Int, hash: UInt64) {
    slots.withUnsafeMutableBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(number + 1)
    }
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    for value in old where value != 0 {
      let number = Int(value & 0xFFFF_FFFF) - 1
      insert(number, hash: withBytes(of: number) { ByteHash.hash($0) })
    }
  }
}

/// Hashes and compares byte strings; fast for short ones such as tokens.
enum ByteHash {
  /// Differs between runs, so that no file can be made to cause collisions.
  private static let seed = UInt64.random(in: 0 ... .max) | 1

  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    let raw = UnsafeRawBufferPointer(bytes)
    var offset = 0
    while offset + 8 <= raw.count {
      state = mix(state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    return mix(state ^ tail)
  }

  @inline(__always)
  static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  @inline(__always)
  static func equal(_ one: UnsafeBufferPointer<UInt8>, _ two: UnsafeBufferPointer<UInt8>) -> Bool {
    guard one.count == two.count else { return false }
    var index = 0
    while index < one.count {
      if one[index] != two[index] { return false }
      index += 1
    }
    return true
  }
}
