/// Parses JSON text into nodes, without recursion.
struct TokenizerJSONParser {
  let bytes: [UInt8]
  var position = 0
  var nodes: [TokenizerJSON.Node] = []
  private static let deepest = 128

  init(bytes: [UInt8]) {
    self.bytes = bytes
    nodes.reserveCapacity(bytes.count / 12)
  }

  /// Reads the whole text; if it is no JSON, returns false with `position` at the error.
  mutating func parse() -> Bool {
    var open: [Int] = []
    repeat {
      skipSpace()
      guard position < bytes.count else { return false }
      if let container = open.last, isClosing(container) {
        close(&open)
      } else {
        if let container = open.last, !separate(container) { return false }
        guard open.count < Self.deepest, value(&open) else { return false }
      }
    } while !open.isEmpty
    skipSpace()
    return position == bytes.count
  }

  private func isClosing(_ container: Int) -> Bool {
    bytes[position] == (nodes[container].kind == .object ? 0x7D : 0x5D)
  }

  private mutating func close(_ open: inout [Int]) {
    let container = open.removeLast()
    nodes[container].next = Int32(nodes.count)
    position += 1
  }

  /// Reads the comma before an element, and a member's key; counts the element.
  private mutating func separate(_ container: Int) -> Bool {
    if nodes[container].count > 0 {
      guard take(0x2C) else { return false }
      skipSpace()
    }
    nodes[container].count += 1
    guard nodes[container].kind == .object else { return position < bytes.count }
    guard position < bytes.count, bytes[position] == 0x22, string() else { return false }
    skipSpace()
    guard take(0x3A) else { return false }
    skipSpace()
    return position < bytes.count
  }

  private mutating func value(_ open: inout [Int]) -> Bool {
    switch bytes[position] {
    case 0x22: return string()
    case 0x7B, 0x5B:
      open.append(nodes.count)
      append(bytes[position] == 0x7B ? .object : .array, position, position)
      position += 1
      return true
    case 0x74: return word("true", .bool)
    case 0x66: return word("false", .bool)
    case 0x6E: return word("null", .null)
    default: return number()
    }
  }

  private mutating func append(
    _ kind: TokenizerJSON.Kind, _ start: Int, _ end: Int, isEscaped: Bool = false
  ) {
    nodes.append(
      TokenizerJSON.Node(
        kind: kind, isEscaped: isEscaped, start: Int32(start), end: Int32(end),
        next: Int32(nodes.count + 1)))
  }

  private mutating func string() -> Bool {
    let start = position + 1
    var index = start
    var isEscaped = false
    while index < bytes.count, bytes[index] != 0x22 {
      if bytes[index] < 0x20 {
        position = index
        return false
      }
      if bytes[index] == 0x5C {
        isEscaped = true
        index += 1
      }
      index += 1
    }
    guard index < bytes.count else {
      position = bytes.count
      return false
    }
    if isEscaped, Self.unescape(bytes[start..<index]) == nil { return false }
    append(.string, start, index, isEscaped: isEscaped)
    position = index + 1
    return true
  }

  private mutating func number() -> Bool {
    let start = position
    while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
    guard position > start, Double(String(decoding: bytes[start..<position], as: UTF8.self)) != nil
    else {
      position = start
      return false
    }
    append(.number, start, position)
    return true
  }

  private mutating func word(_ word: StaticString, _ kind: TokenizerJSON.Kind) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      word.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) })
    else { return false }
    append(kind, position, end)
    position = end
    return true
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  /// The text of a string with escapes; lone surrogates become U+FFFD.
  static func unescape(_ raw: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(raw.count)
    var rest = raw
    while let byte = rest.popFirst() {
      guard byte == 0x5C else {
        output.append(byte)
        continue
      }
      switch rest.popFirst() {
      case 0x22: output.append(0x22)
      case 0x5C: output.append(0x5C)
      case 0x2F: output.append(0x2F)
      case 0x62: output.append(0x08)
      case 0x66: output.append(0x0C)
      case 0x6E: output.append(0x0A)
      case 0x72: output.append(0x0D)
      case 0x74: output.append(0x09)
      case 0x75:
        guard var code = hexadecimal(&rest) else { return nil }
        if (0xD800...0xDBFF).contains(code), rest.starts(with: [0x5C, 0x75]) {
          var ahead = rest.dropFirst(2)
          if let low = hexadecimal(&ahead), (0xDC00...0xDFFF).contains(low) {
            code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
            rest = ahead
          }
        }
        output.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
      default: return nil
      }
    }
    return output
  }

  private static func hexadecimal(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
    guard rest.count >= 4 else { return nil }
    var value: UInt32 = 0
    for byte in rest.prefix(4) {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    rest = rest.dropFirst(4)
    return value
  }
}
