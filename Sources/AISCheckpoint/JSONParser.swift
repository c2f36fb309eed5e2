/// Reads one JSON document; refuses names that occur twice and nesting beyond a limit.
///
/// Accepts `NaN`, `Infinity` and `-Infinity` as numbers, because Python writes them into model
/// files. Half of a surrogate pair becomes U+FFFD.
///
/// Source: RFC 8259.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  private let file: String
  /// The place of `bytes` in the file, for errors.
  private let base: Int
  /// Whether values may be any text, because the reader never compares them.
  let allowsAnyText: Bool
  var offset = 0

  private static let maximumDepth = 64

  /// The document in `bytes`, which begin at byte `base` of `file`.
  ///
  /// Long runs of combining marks are slow to compare. They are refused in names always, and in
  /// values unless `allowsAnyText`.
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
      // Accumulated as a negative number, because `Int.min` has no positive counterpart.
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

  // MARK: Bytes

  func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Skips white space, and then `character` if it is next; returns whether it was.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  func error(_ expected: String, _ found: String? = nil) -> CheckpointError {
    let next = peek().map { byte in
      byte < 0x80 ? "'\(Unicode.Scalar(byte).escaped(asASCII: true))'" : "byte \(byte)"
    }
    return CheckpointError(
      file: file, place: .offset(base + offset), expected: expected,
      found: found ?? next ?? "the end")
  }
}
