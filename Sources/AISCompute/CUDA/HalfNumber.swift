/// Half precision without the processor's instructions for it.
package enum HalfNumber {
  /// The bits of the nearest half-precision number, of two the even one.
  ///
  /// What is too large becomes the largest, 65504; a NaN stays a NaN.
  package static func bits(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // From 65504 on.
    if magnitude >= 0x477F_E000 { return sign | 0x7BFF }
    if magnitude < 0x3880_0000 {
      // Below 2^-14 halves are multiples of 2^-24, as floats from 1/2 to 1 are.
      let shifted = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- 0x3F00_0000)
    }
    // The exponent is 112 less, and 13 bits are rounded away.
    let rounded = magnitude &- 112 << 23 &+ 0xFFF &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }
}
