/// The purpose of a token.
enum TokenKind: UInt8, Sendable {
  /// GGUF's `token_type` numbers.
  case undefined = 0
  case normal = 1
  case unknown = 2
  case control = 3
  case userDefined = 4
  case unused = 5
  case byte = 6
}

/// The tokens of a model: their bytes, their kinds, and the rules that turn them into text.
struct Vocabulary: Sendable {
  /// The bytes of each token: in a byte-level vocabulary the encoded bytes, in others the spelling.
  let pieces: PieceTable
  let kinds: [TokenKind]
  let decoding: PieceDecoding

  /// True for tokens that are not part of a text: control tokens and the unknown token.
  func isSpecial(_ id: Int) -> Bool { kinds[id] == .control || kinds[id] == .unknown }

  /// Appends the bytes that token `id` adds to a text.
  func appendText(of id: Int, to output: inout [UInt8]) {
    switch kinds[id] {
    case .byte:
      if let byte = pieces.withBytes(of: id, { ByteToken.value($0) }) {
        output.append(byte)
        return
      }
      pieces.withBytes(of: id) { output.append(contentsOf: $0) }
    case .control, .unknown, .userDefined:
      let steps = decoding.appliesToAdded ? decoding.steps : []
      pieces.withBytes(of: id) { PieceDecoding.append($0, steps, isAdded: true, to: &output) }
    case .normal, .unused, .undefined:
      pieces.withBytes(of: id) {
        PieceDecoding.append($0, decoding.steps, isAdded: false, to: &output)
      }
    }
  }
}

/// The tokens `<0x00>` to `<0xFF>`, each of which encodes a single byte.
enum ByteToken {
  /// The byte that `spelling` names.
  static func value(_ spelling: UnsafeBufferPointer<UInt8>) -> UInt8? {
    guard spelling.count == 6, spelling.starts(with: "<0x".utf8), spelling[5] == 0x3E else {
      return nil
    }
    return UInt8(String(decoding: spelling[3..<5], as: UTF8.self), radix: 16)
  }

  /// The spelling of `byte`.
  static func spelling(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x3E]
  }

  /// The ids of the 256 byte tokens; −1 for an absent one.
  static func ids(in pieces: PieceTable) -> [Int32] {
    (0..<256).map { byte in
      spelling(UInt8(byte)).withUnsafeBufferPointer { pieces.find($0) } ?? -1
    }
  }
}

/// How the spelling of a token becomes text.
struct PieceDecoding: Sendable {
  enum Step: Sendable {
    case replace([UInt8], with: [UInt8])
    /// `<0xNN>` becomes that byte.
    case byteFallback
    /// The spelling is in the byte-level alphabet.
    case byteLevel
    /// Removes these bytes up to `start` times from the start of each token, up to `end` from its end.
    case strip([UInt8], start: Int, end: Int)
  }

  /// Spaces that are removed from the start of a whole text.
  enum Lead: Sendable, Equatable {
    case nothing
    /// At most this many spaces.
    case spaces(Int)
    /// All spaces of the first token.
    case spacesOfFirstToken
  }

  var steps: [Step] = []
  var lead = Lead.nothing
  /// The steps also apply to added tokens.
  var appliesToAdded = false

  /// Appends the text of one token.
  static func append(
    _ spelling: UnsafeBufferPointer<UInt8>, _ steps: [Step], isAdded: Bool,
    to output: inout [UInt8]
  ) {
    if steps.isEmpty { return output.append(contentsOf: spelling) }
    var bytes = Array(spelling)
    for step in steps {
      switch step {
      case .replace(let old, let new): bytes = replace(old, with: new, in: bytes)
      case .byteFallback:
        if let byte = bytes.withUnsafeBufferPointer({ ByteToken.value($0) }) { bytes = [byte] }
      case .byteLevel where isAdded: break
      case .byteLevel:
        var decoded: [UInt8] = []
        if bytes.withUnsafeBufferPointer({ ByteLevelAlphabet.decode($0, into: &decoded) }) {
          bytes = decoded
        }
      case .strip(let content, let start, let end):
        var rest = bytes[...]
        for _ in 0..<start where rest.starts(with: content) { rest.removeFirst(content.count) }
        for _ in 0..<end where rest.suffix(content.count).elementsEqual(content) {
          rest.removeLast(content.count)
        }
        bytes = Array(rest)
      }
    }
    output.append(contentsOf: bytes)
  }

  private static func replace(_ old: [UInt8], with new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    guard let first = old.first, bytes.contains(first) else { return bytes }
    // The algorithm of Knuth, Morris and Pratt takes linear time, even if `old` repeats itself.
    let borders = borders(of: old)
    var output: [UInt8] = []
    var matched = 0
    for byte in bytes {
      while matched > 0, old[matched] != byte { matched = borders[matched - 1] }
      if old[matched] == byte { matched += 1 }
      output.append(byte)
      if matched == old.count {
        output.removeLast(old.count)
        output += new
        matched = 0
      }
    }
    return output
  }

  /// For each prefix of `text`, the length of the longest shorter prefix that is also its suffix.
  private static func borders(of text: [UInt8]) -> [Int] {
    var borders = [Int](repeating: 0, count: text.count)
    var length = 0
    for index in text.indices.dropFirst() {
      while length > 0, text[length] != text[index] { length = borders[length - 1] }
      if text[length] == text[index] { length += 1 }
      borders[index] = length
    }
    return borders
  }
}
