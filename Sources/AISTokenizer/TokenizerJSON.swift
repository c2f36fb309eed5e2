import AISBase

/// The JSON of a tokenizer's files, read once into a flat list of nodes.
///
/// Vocabularies need a separate reader. Keys must be bytes, because two tokens that differ only in
/// Unicode normalisation would be the same `String` key. And a quarter of a million merges must not
/// cost an allocation each, so a string is a range of the document's bytes until it is read.
struct TokenizerJSON: Sendable {
  enum Kind: UInt8, Sendable {
    case null
    case bool
    case number
    case string
    case array
    case object
  }

  struct Node: Sendable {
    var kind: Kind
    /// For strings: whether it has an escape.
    var isEscaped = false
    /// The range of bytes of a scalar, or of a string without its quotes.
    var start: Int32
    var end: Int32
    /// The node after this one and its contents.
    var next: Int32 = 0
    /// Number of elements of an array, or members of an object.
    var count: Int32 = 0
  }

  let bytes: [UInt8]
  private(set) var nodes: [Node] = []
  let source: VocabularySource

  /// Parses `bytes`.
  ///
  /// Throws: `TokenizerError` at the first byte that is not JSON.
  init(_ bytes: [UInt8], source: VocabularySource) throws(TokenizerError) {
    self.bytes = bytes
    self.source = source
    guard bytes.count < 1 << 31 else {
      throw source.error("", expected: "less than 2 GiB of JSON", found: "\(bytes.count) bytes")
    }
    var parser = TokenizerJSONParser(bytes: bytes)
    guard parser.parse() else {
      throw source.error(
        "byte \(parser.position)", expected: "JSON",
        found: parser.position < bytes.count
          ? "byte \(bytes[parser.position])" : "the end of the file")
    }
    nodes = parser.nodes
  }

  /// The document's outermost value.
  var root: TokenizerJSONValue { TokenizerJSONValue(document: self, index: 0) }
}

/// A value in a JSON document.
struct TokenizerJSONValue {
  let document: TokenizerJSON
  let index: Int

  private var node: TokenizerJSON.Node { document.nodes[index] }

  var kind: TokenizerJSON.Kind { node.kind }
  var count: Int { Int(node.count) }
  var isNull: Bool { node.kind == .null }

  /// The truth value, if it is one.
  var bool: Bool? { node.kind == .bool ? document.bytes[Int(node.start)] == 0x74 : nil }

  /// The integer, if it is one.
  var integer: Int? {
    guard node.kind == .number else { return nil }
    return Int(String(decoding: raw, as: UTF8.self))
  }

  /// The number, if it is one.
  var number: Double? {
    guard node.kind == .number else { return nil }
    return Double(String(decoding: raw, as: UTF8.self))
  }

  /// The string's bytes in UTF-8, if it is one.
  var bytes: [UInt8]? {
    guard node.kind == .string else { return nil }
    return node.isEscaped ? TokenizerJSONParser.unescape(raw) : Array(raw)
  }

  /// The string, if it is one, to be compared or shown.
  ///
  /// Throws: `TokenizerError` if it has so many combining marks in a row that comparing it is slow.
  var string: String? {
    get throws(TokenizerError) {
      guard let text = bytes.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
      guard !CombiningMarks.areTooMany(in: text) else {
        throw document.source.error(
          "byte \(node.start)", expected: CombiningMarks.limit, found: "a string with more")
      }
      return text
    }
  }

  /// The member `key` of an object; `nil` if it is absent or null.
  ///
  /// Of equal keys, the last is used.
  subscript(key: String) -> TokenizerJSONValue? {
    var found: TokenizerJSONValue?
    forEachMember { name, value in
      if name.elementsEqual(key.utf8) { found = value }
    }
    return found.flatMap { $0.isNull ? nil : $0 }
  }

  /// The elements of an array.
  var elements: [TokenizerJSONValue] {
    guard node.kind == .array else { return [] }
    var elements: [TokenizerJSONValue] = []
    var child = index + 1
    for _ in 0..<count {
      elements.append(TokenizerJSONValue(document: document, index: child))
      child = Int(document.nodes[child].next)
    }
    return elements
  }

  /// Calls `body` with the key and value of each member of an object.
  func forEachMember(_ body: ([UInt8], TokenizerJSONValue) throws -> Void) rethrows {
    guard node.kind == .object else { return }
    var child = index + 1
    for _ in 0..<count {
      let key = TokenizerJSONValue(document: document, index: child)
      try body(key.bytes ?? [], TokenizerJSONValue(document: document, index: child + 1))
      child = Int(document.nodes[child + 1].next)
    }
  }

  private var raw: ArraySlice<UInt8> { document.bytes[Int(node.start)..<Int(node.end)] }
}
