/// The printable characters that spell bytes in byte-level vocabularies.
///
/// Bytes that are printable in Latin-1 are spelled as that character. The others are spelled, in
/// order, with the code points from U+0100 on. Source: GPT-2's `bytes_to_unicode`.
package enum ByteLevelAlphabet {
  /// The code point that spells each byte.
  package static let codePoints: [UInt32] = {
    var next: UInt32 = 256
    return (0..<256).map { (byte: UInt32) in
      if (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte) {
        return byte
      }
      defer { next += 1 }
      return next
    }
  }()

  /// The byte that each code point below 324 spells, or −1.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 324)
    for (byte, codePoint) in codePoints.enumerated() { table[Int(codePoint)] = Int16(byte) }
    return table
  }()

  /// Replaces `output` with the bytes that `spelling` spells.
  ///
  /// Returns false, with `output` undefined, if `spelling` has characters outside the alphabet.
  static func decode(_ spelling: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Bool {
    output.removeAll(keepingCapacity: true)
    return append(spelling, to: &output)
  }

  /// Appends the bytes that `spelling` spells to `output`; returns false as `decode` does.
  static func append(_ spelling: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) -> Bool {
    let start = output.count
    output.append(contentsOf: spelling)
    let end = bytes.withUnsafeBufferPointer { table in
      output.withUnsafeMutableBufferPointer { decode(spelling, table, into: $0, from: start) }
    }
    guard let end else { return false }
    output.removeLast(output.count - end)
    return true
  }

  private static func decode(
    _ spelling: UnsafeBufferPointer<UInt8>, _ table: UnsafeBufferPointer<Int16>,
    into output: UnsafeMutableBufferPointer<UInt8>, from start: Int
  ) -> Int? {
    var end = start
    var index = 0
    while index < spelling.count {
      let lead = spelling[index]
      var codePoint = Int(lead)
      if lead >= 0x80 {
        // Two bytes reach U+07FF; the alphabet ends at U+0143.
        guard lead & 0xE0 == 0xC0, index + 1 < spelling.count, spelling[index + 1] & 0xC0 == 0x80
        else { return nil }
        codePoint = Int(lead & 0x1F) << 6 | Int(spelling[index + 1] & 0x3F)
        index += 1
      }
      guard codePoint < table.count, table[codePoint] >= 0 else { return nil }
      output[end] = UInt8(truncatingIfNeeded: table[codePoint])
      end += 1
      index += 1
    }
    return end
  }

  /// The spelling of `bytes`.
  static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var spelling: [UInt8] = []
    for byte in bytes {
      let codePoint = codePoints[Int(byte)]
      if codePoint < 0x80 {
        spelling.append(UInt8(codePoint))
      } else {
        spelling.append(UInt8(0xC0 | codePoint >> 6))
        spelling.append(UInt8(0x80 | codePoint & 0x3F))
      }
    }
    return spelling
  }
}
