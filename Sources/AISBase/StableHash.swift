/// A hash that has the same value on every machine and in every version.
///
/// It assigns texts to the parts of a split, so another hash would make new results incomparable
/// with published ones. It is FNV-1a (64 bits) over the bytes, followed by SplitMix64's output
/// function.
package enum StableHash {
  /// The hash of some bytes.
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return SplitMix64.mixed(hash)
  }

  /// The upper 53 bits of the hash, divided by 2^53: a number in [0, 1).
  package static func place(of bytes: some Sequence<UInt8>) -> Double {
    Double(of(bytes) >> 11) * 0x1p-53
  }
}
