import AISBase

/// Strings and their escapes.
extension JSONParser {
  mutating func parseString(isName: Bool) throws(CheckpointError) -> String {
    let opening = offset
    offset += 1
    skipPlainText()
    let string: String
    if peek() == UInt8(ascii: "\"") {
      offset += 1
      string = try text(bytes[opening + 1..<offset - 1], from: opening)
    } else {
      string = try parseStringWithEscapes(from: opening)
    }
    guard (allowsAnyText && !isName) || !CombiningMarks.areTooMany(in: string) else {
      offset = opening
      throw error(CombiningMarks.limit, "a string with more")
    }
    return string
  }

  /// The string that begins at `opening`; `offset` is at its first byte that is not plain text.
  private mutating func parseStringWithEscapes(
    from opening: Int
  ) throws(CheckpointError) -> String {
    var decoded = Array(bytes[opening + 1..<offset])
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return try text(decoded, from: opening)
      case UInt8(ascii: "\\"):
        offset += 1
        decoded.append(
          contentsOf: UTF8.encode(try parseEscape()) ?? UTF8.encodedReplacementCharacter)
      default:
        throw error("control characters in a string to be escaped")
      }
      let start = offset
      skipPlainText()
      decoded.append(contentsOf: bytes[start..<offset])
    }
    offset = opening
    throw error("a closing quotation mark", "a string that has none")
  }

  /// Skips the bytes of a string that mean themselves.
  private mutating func skipPlainText() {
    var end = offset
    while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""),
      bytes[end] != UInt8(ascii: "\\")
    {
      end += 1
    }
    offset = end
  }

  private mutating func text(
    _ utf8: some Sequence<UInt8>, from opening: Int
  ) throws(CheckpointError) -> String {
    guard let text = String(validating: utf8, as: UTF8.self) else {
      offset = opening
      throw error("UTF-8", "a string that is not")
    }
    return text
  }

  private mutating func parseEscape() throws(CheckpointError) -> Unicode.Scalar {
    let letter = peek()
    offset += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicodeEscape()
    default:
      offset -= 1
      throw error("an escape that JSON knows")
    }
  }

  private mutating func parseUnicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
    let unit = try parseHex()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let afterFirst = offset
    if unit < 0xDC00, peek() == UInt8(ascii: "\\") {
      offset += 1
      if peek() == UInt8(ascii: "u") {
        offset += 1
        let second = try parseHex()
        if second >= 0xDC00, second < 0xE000,
          let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
        {
          return scalar
        }
      }
      // The second escape is no second half of the pair; it is read again by itself.
      offset = afterFirst
    }
    return "\u{FFFD}"
  }

  private mutating func parseHex() throws(CheckpointError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch peek() {
      case let byte? where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"):
        digit = byte & 15
      case let byte? where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
        digit = (byte & 15) + 9
      default:
        throw error("four hexadecimal digits")
      }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }
}
