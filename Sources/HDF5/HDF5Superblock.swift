/// The first bytes of a file made by this module.
///
/// libhdf5 1.10 clears the "open for writing" flag in the images that it returns, but does not
/// update the superblock's checksum, so nothing opens them. This corrects the checksum.
///
/// Source: HDF5 File Format Specification 3.0, sections II.A (superblock version 3) and "checksum"
/// (Bob Jenkins' lookup3, `hashlittle` with initial value 0).
enum HDF5Superblock {
  /// Bytes before the checksum, with offsets and lengths of eight bytes.
  private static let length = 44

  /// Writes the checksum that belongs to the other bytes of the superblock.
  static func repairChecksum(_ image: inout [UInt8]) {
    guard image.count >= length + 4, image[8] >= 2, image[9] == 8 else { return }
    let checksum = lookup3(image[..<length])
    for byte in 0..<4 { image[length + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * byte)) }
  }

  /// Bob Jenkins' lookup3 of at least one byte.
  static func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var a = 0xdead_beef &+ UInt32(truncatingIfNeeded: bytes.count)
    var (b, c) = (a, a)
    var rest = bytes
    while rest.count > 12 {
      add(rest, &a, &b, &c)
      (a, c) = ((a &- c) ^ rotated(c, 4), c &+ b)
      (b, a) = ((b &- a) ^ rotated(a, 6), a &+ c)
      (c, b) = ((c &- b) ^ rotated(b, 8), b &+ a)
      (a, c) = ((a &- c) ^ rotated(c, 16), c &+ b)
      (b, a) = ((b &- a) ^ rotated(a, 19), a &+ c)
      (c, b) = ((c &- b) ^ rotated(b, 4), b &+ a)
      rest = rest.dropFirst(12)
    }
    add(rest, &a, &b, &c)
    c = (c ^ b) &- rotated(b, 14)
    a = (a ^ c) &- rotated(c, 11)
    b = (b ^ a) &- rotated(a, 25)
    c = (c ^ b) &- rotated(b, 16)
    a = (a ^ c) &- rotated(c, 4)
    b = (b ^ a) &- rotated(a, 14)
    return (c ^ b) &- rotated(b, 24)
  }

  /// Adds up to twelve bytes, little-endian, missing ones as zero.
  private static func add(
    _ bytes: ArraySlice<UInt8>, _ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32
  ) {
    var words: (UInt32, UInt32, UInt32) = (0, 0, 0)
    for (position, byte) in bytes.prefix(12).enumerated() {
      let shifted = UInt32(byte) << (8 * (position % 4))
      switch position / 4 {
      case 0: words.0 |= shifted
      case 1: words.1 |= shifted
      default: words.2 |= shifted
      }
    }
    a &+= words.0
    b &+= words.1
    c &+= words.2
  }

  private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    (word << bits) | (word >> (32 - bits))
  }
}
