/// Reads Unicode scalars from bytes that may not be valid UTF-8.
///
/// A byte that begins no valid sequence is read as one scalar, U+FFFD, of length 1.
enum UTF8Scan {
  /// The scalar that begins at `index` and its length in bytes.
  @inline(__always)
  static func scalar(
    _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (value: UInt32, length: Int) {
    let lead = bytes[index]
    return lead < 0x80 ? (UInt32(lead), 1) : multibyte(bytes, at: index)
  }

  /// The scalar that ends just before `index` and its length in bytes.
  static func scalarBefore(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int
  ) -> (value: UInt32, length: Int) {
    if bytes[index - 1] < 0x80 { return (UInt32(bytes[index - 1]), 1) }
    for length in 2...4 where index >= length {
      let candidate = scalar(bytes, at: index - length)
      if candidate.length == length { return candidate }
    }
    return (0xFFFD, 1)
  }

  private static func multibyte(
    _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (value: UInt32, length: Int) {
    let invalid: (UInt32, Int) = (0xFFFD, 1)
    let lead = UInt32(bytes[index])
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard (0xC2...0xF4).contains(lead), index + length <= bytes.count else { return invalid }
    var value = lead & (0x7F >> UInt32(length))
    for offset in 1..<length {
      let byte = UInt32(bytes[index + offset])
      guard byte & 0xC0 == 0x80 else { return invalid }
      value = value << 6 | byte & 0x3F
    }
    if length == 3, value < 0x800 || (0xD800...0xDFFF).contains(value) { return invalid }
    if length == 4, value < 0x1_0000 || value > 0x10_FFFF { return invalid }
    return (value, length)
  }
}
