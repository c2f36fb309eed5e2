/// A hash that says the same on every machine and in every version: what belongs to which part of the
/// evidence follows from it.
///
/// FNV-1a (64 bits) over the bytes, put through SplitMix64's output function. It is part of every
/// published result: changing it makes them incomparable.
package enum StableHash {
  /// The hash of some bytes.
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return SplitMix64.mixed(hash)
  }

  /// The upper 53 bits of the hash as a fraction of 2^53: a place in [0, 1).
  package static func place(of bytes: some Sequence<UInt8>) -> Double {
    Double(of(bytes) >> 11) * 0x1p-53
  }
}
