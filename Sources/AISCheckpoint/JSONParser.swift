import AISBase

/// Reads one JSON document; refuses names that occur twice and nesting beyond a limit.
///
/// Takes `NaN`, `Infinity` and `-Infinity` for numbers, as Python writes them into model files.
/// Half a surrogate pair becomes U+FFFD.
///
/// Source: RFC 8259.
struct JSONParser {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  /// The place of `bytes` in the file, for errors.
  private let base: Int
  /// Whether values may be any text: what is only read on, never compared.
  private let allowsAnyText: Bool
  private var offset = 0

  private static let maximumDepth = 64

  /// The document in `bytes`, which begin at byte `base` of `file`.
  ///
  /// Names never have long runs of combining marks, which are slow to compare; values have them
  /// only with `allowsAnyText`.
  static func parse(
    _ bytes: UnsafeRawBufferPointer, file: String, base: Int = 0, allowsAnyText: Bool = false
  ) throws(CheckpointError) -> JSONValue {
    var parser = JSONParser(bytes: bytes, file: file, base: base, allowsAnyText: allowsAnyText)
    let value = try parser.parseValue(depth: 0)
    parser.skipSpace()
    guard parser.peek() == nil else { throw parser.error("the end of the JSON document") }
    return value
  }

  private mutating func parseValue(depth: Int) throws(CheckpointError) -> JSONValue {
    guard depth <= Self.maximumDepth else {
      throw error("JSON nested at most \(Self.maximumDepth) deep", "a deeper value")
    }
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
    case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
    case UInt8(ascii: "\""): return .string(try parseString(isName: false))
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "N"): return try parseWord("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try parseWord("Infinity", .number(.infinity))
    default: return try parseNumber()
    }
  }

  private mutating func parseObject(depth: Int) throws(CheckpointError) -> JSONObject {
    var object = JSONObject()
    offset += 1
    if skip("}") { return object }
    repeat {
      skipSpace()
      let place = offset
      guard peek() == UInt8(ascii: "\"") else { throw error("a name in quotation marks") }
      let key = try parseString(isName: true)
      guard skip(":") else { throw error("':'") }
      let value = try parseValue(depth: depth + 1)
      guard object.insert(value, as: key) else {
        offset = place
        throw error("each name once", "\"\(key)\" again")
      }
    } while skip(",")
    guard skip("}") else { throw error("',' or '}'") }
    return object
  }

  private mutating func parseArray(depth: Int) throws(CheckpointError) -> [JSONValue] {
    var values: [JSONValue] = []
    offset += 1
    if skip("]") { return values }
    repeat { values.append(try parseValue(depth: depth + 1)) } while skip(",")
    guard skip("]") else { throw error("',' or ']'") }
    return values
  }

  private mutating func parseWord(
    _ word: StaticString, _ value: JSONValue
  ) throws(CheckpointError) -> JSONValue {
    let length = word.utf8CodeUnitCount
    guard bytes.count - offset >= length,
      bytes[offset..<offset + length].elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: length))
    else { throw error("a JSON value") }
    offset += length
    return value
  }

  // MARK: Numbers

  private mutating func parseNumber() throws(CheckpointError) -> JSONValue {
    let start = offset
    if peek() == UInt8(ascii: "-") { offset += 1 }
    if start < offset, peek() == UInt8(ascii: "I") {
      return try parseWord("Infinity", .number(-.infinity))
    }
    let integerStart = offset
    guard skipDigits() > 0 else {
      offset = start
      throw error("a JSON value")
    }
    guard bytes[integerStart] != UInt8(ascii: "0") || offset == integerStart + 1 else {
      offset = integerStart
      throw error("a number without leading zeros")
    }
    var isWhole = true
    if peek() == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      guard skipDigits() > 0 else { throw error("a digit after the decimal point") }
    }
    if let letter = peek(), letter | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      offset += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
      guard skipDigits() > 0 else { throw error("a digit in the exponent") }
    }
    if isWhole, let integer = integer(start..<offset) { return .integer(integer) }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard let number = Double(text) else {
      offset = start
      throw error("a number")
    }
    return .number(number)
  }

  /// The whole number spelled in `range`, or `nil` if it does not fit.
  private func integer(_ range: Range<Int>) -> Int? {
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var value = 0
    for byte in bytes[range].dropFirst(isNegative ? 1 : 0) {
      // Built up below zero, where there is room for one more.
      let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, underflow) = tenfold.subtractingReportingOverflow(Int(byte & 15))
      guard !overflow, !underflow else { return nil }
      value = next
    }
    return isNegative ? value : (value == .min ? nil : -value)
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
    return offset - start
  }

  // MARK: Strings

  private mutating func parseString(isName: Bool) throws(CheckpointError) -> String {
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

  /// The string that begins at `opening`, of which `offset` is the first byte not plain.
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

  /// Passes over bytes that stand for themselves in a string.
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
      // What follows is no second half: it is read again, for itself.
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

  // MARK: Bytes

  private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Passes over white space and then `character`, if that comes next.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private func error(_ expected: String, _ found: String? = nil) -> CheckpointError {
    let next = peek().map { byte in
      byte < 0x80 ? "'\(Unicode.Scalar(byte).escaped(asASCII: true))'" : "byte \(byte)"
    }
    return CheckpointError(
      file: file, place: .offset(base + offset), expected: expected,
      found: found ?? next ?? "the end")
  }
}
