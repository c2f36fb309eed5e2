/// Numbers and strings.
extension JinjaLexer {
  mutating func lexNumber() throws -> JinjaToken.Kind {
    let start = index
    if let radix = radixPrefix() {
      index += 2
      let digits = takeDigits { $0.properties.isASCIIHexDigit }
      guard let value = Int(digits, radix: radix) else {
        throw error("the number is malformed or too large", at: start)
      }
      return .integer(value)
    }
    var digits = takeDigits { ("0"..."9").contains($0) }
    var isFloat = false
    let afterDot = source[start > 0 ? start - 1 : 0] == "." && start > 0
    if !afterDot {
      if peek() == ".", index + 1 < source.count, ("0"..."9").contains(source[index + 1]) {
        index += 1
        digits += "." + takeDigits { ("0"..."9").contains($0) }
        isFloat = true
      }
      if let exponent = takeExponent() {
        digits += exponent
        isFloat = true
      }
    }
    if isFloat, let value = Double(digits) { return .float(value) }
    guard !isFloat, let value = Int(digits), digits.first != "0" || value == 0 else {
      throw error("the number \(digits) is malformed or too large", at: start)
    }
    return .integer(value)
  }

  private func radixPrefix() -> Int? {
    guard source[index] == "0", index + 1 < source.count else { return nil }
    switch source[index + 1] {
    case "x", "X": return 16
    case "o", "O": return 8
    case "b", "B": return 2
    default: return nil
    }
  }

  private mutating func takeDigits(_ isDigit: (Unicode.Scalar) -> Bool) -> String {
    var digits = ""
    while let scalar = peek() {
      if isDigit(scalar) {
        digits.unicodeScalars.append(scalar)
      } else if scalar != "_" || index + 1 >= source.count || !isDigit(source[index + 1]) {
        break
      }
      index += 1
    }
    return digits
  }

  private mutating func takeExponent() -> String? {
    guard peek() == "e" || peek() == "E" else { return nil }
    var place = index + 1
    var sign = ""
    if place < source.count, source[place] == "+" || source[place] == "-" {
      sign = String(source[place])
      place += 1
    }
    guard place < source.count, ("0"..."9").contains(source[place]) else { return nil }
    index = place
    return "e" + sign + takeDigits { ("0"..."9").contains($0) }
  }

  /// A string literal; its escapes are resolved as in Python's `unicode-escape` codec.
  mutating func lexString() throws -> Scalars {
    let start = index
    let quote = source[index]
    index += 1
    var result: Scalars = []
    while let scalar = peek() {
      index += 1
      if scalar == quote { return result }
      if scalar != "\\" {
        result.append(scalar)
      } else if let escaped = peek() {
        index += 1
        result += try resolveEscape(escaped, at: start)
      }
    }
    throw error("the string has no closing quote", at: start)
  }

  private mutating func resolveEscape(_ escaped: Unicode.Scalar, at start: Int) throws -> Scalars {
    switch escaped {
    case "\n": return []
    case "\\", "'", "\"": return [escaped]
    case "a": return ["\u{7}"]
    case "b": return ["\u{8}"]
    case "f": return ["\u{C}"]
    case "n": return ["\n"]
    case "r": return ["\r"]
    case "t": return ["\t"]
    case "v": return ["\u{B}"]
    case "x": return [try hexadecimal(2, at: start)]
    case "u": return [try hexadecimal(4, at: start)]
    case "U": return [try hexadecimal(8, at: start)]
    case "N": throw error("expected no named character escape \\N", at: start)
    case "0"..."7":
      var value = escaped.value - 48
      for _ in 0..<2 {
        guard let next = peek(), ("0"..."7").contains(next) else { break }
        value = value * 8 + next.value - 48
        index += 1
      }
      return [Unicode.Scalar(value) ?? "\u{FFFD}"]
    default:
      if escaped.isASCII { return ["\\", escaped] }
      // The codec first turns a non-ASCII character into an escape. The backslash before it then
      // escapes that escape's backslash, so that the escape's text remains.
      let digits = String(escaped.value, radix: 16)
      let width = escaped.value < 0x100 ? 2 : escaped.value < 0x10000 ? 4 : 8
      let letter = width == 2 ? "x" : width == 4 ? "u" : "U"
      let zeros = String(repeating: "0", count: width - digits.count)
      return Scalars("\\" + letter + zeros + digits)
    }
  }

  private mutating func hexadecimal(_ width: Int, at start: Int) throws -> Unicode.Scalar {
    let end = min(index + width, source.count)
    let digits = Array(source[index..<end]).text
    guard digits.unicodeScalars.count == width,
      digits.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit),
      let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
    else { throw error("expected \(width) hexadecimal digits of a character", at: start) }
    index = end
    return scalar
  }
}
