/// Decodes contents from a process whose own memory may be corrupted.
///
/// The bytes are not trusted: every count is checked against the remaining bytes, and every path
/// against its group.
struct HDF5ContentsDecoder {
  /// The bytes are not what an intact sender sends.
  struct Nonsense: Error {}

  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var budget = HDF5ContentsBudget()

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// Decodes the contents; throws the sender's `HDF5Error` if it sent one, else `Nonsense`.
  mutating func contents() throws -> HDF5Contents {
    guard bytes.count <= HDF5ContentsLimits.bytes,
      try take(HDF5ContentsCode.signature.count).elementsEqual(HDF5ContentsCode.signature)
    else { throw Nonsense() }
    var contents = HDF5Contents(path: path, objects: [:])
    while true {
      switch HDF5ContentsCode.Record(rawValue: try byte()) {
      case .object: try object(into: &contents)
      case .failure: throw try failure()
      case .end:
        guard position == bytes.count else { throw Nonsense() }
        return contents
      case nil: throw Nonsense()
      }
    }
  }

  private mutating func object(into contents: inout HDF5Contents) throws {
    let path = try text()
    guard budget.takeObject(), contents.objects[path] == nil,
      let tag = HDF5ContentsCode.ObjectTag(rawValue: try byte())
    else { throw Nonsense() }
    var object = HDF5Contents.Object(kind: tag.kind)
    for _ in 0..<(try count()) {
      let name = try text()
      object.attributes[name] = try attribute()
    }
    if tag == .dataset { object.dataset = try dataset() }
    contents.objects[path] = object
    if path == "/" { return }
    // Split as bytes, since a character may be a slash with combining marks.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { throw Nonsense() }
    let (parent, name) = (path[..<slash], path[path.utf8.index(after: slash)...])
    let group = parent.isEmpty ? "/" : String(parent)
    guard !name.isEmpty, contents.objects[group]?.kind == .group else { throw Nonsense() }
    contents.objects[group]?.children.append(String(name))
  }

  private mutating func attribute() throws -> HDF5Contents.Attribute {
    switch HDF5ContentsCode.AttributeTag(rawValue: try byte()) {
    case .integers: .content(.integers(try numbers(try elements(size: 8))))
    case .reals: .content(.reals(try numbers(try elements(size: 8))))
    case .strings: .content(.strings(try texts(try elements(size: 8))))
    case .other: .other(try text())
    case nil: throw Nonsense()
    }
  }

  private mutating func dataset() throws -> HDF5Contents.Dataset {
    let types = HDF5ContentsCode.elementTypes
    let place = Int(try byte())
    guard place <= types.count else { throw Nonsense() }
    let isOther = place == types.count
    let type = isOther ? .other(try text()) : types[place]
    var (shape, total): ([Int], Int) = ([], 1)
    for _ in 0..<(try count()) {
      let extent = try integer()
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow || isOther else { throw Nonsense() }
      shape.append(extent)
      total = product
    }
    if isOther { return .init(elementType: type, shape: shape) }
    // With an extent of 0 there are no elements, whatever the product on the way.
    if shape.contains(0) { total = 0 }
    guard budget.takeElements(total) else { throw Nonsense() }
    if type == .string {
      return .init(elementType: type, shape: shape, strings: try texts(total))
    }
    let bytes = try take(total * type.storedSize)
    return .init(elementType: type, shape: shape, bytes: Array(bytes))
  }

  private mutating func failure() throws -> HDF5Error {
    let operation = try text()
    var parts: [String?] = []
    for _ in 0..<4 { parts.append(try byte() == 0 ? nil : try text()) }
    guard position == bytes.count else { throw Nonsense() }
    return HDF5Error(
      file: path, object: parts[0], operation: operation, expected: parts[1], found: parts[2],
      detail: parts[3])
  }

  // MARK: Parts

  private mutating func numbers<Number: BitwiseCopyable>(_ count: Int) throws -> [Number] {
    let size = MemoryLayout<Number>.size
    return try take(count * size).withUnsafeBytes { bytes in
      (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self) }
    }
  }

  private mutating func texts(_ count: Int) throws -> [String] {
    var texts: [String] = []
    for _ in 0..<count { texts.append(try text()) }
    return texts
  }

  private mutating func text() throws -> String {
    let bytes = try take(try count())
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Nonsense() }
    guard !HDF5CombiningMarks.areTooMany(in: text) else {
      throw HDF5Error(
        file: path, operation: "read",
        expected: "at most \(HDF5CombiningMarks.longestRun) combining marks in a row",
        found: "a text with more")
    }
    return text
  }

  /// Decodes a number of elements of at least `size` bytes each, counted against the limit.
  private mutating func elements(size: Int) throws -> Int {
    let count = try count()
    guard count <= (bytes.count - position) / size, budget.takeElements(count) else {
      throw Nonsense()
    }
    return count
  }

  /// Decodes a number of items that take at least one byte each.
  private mutating func count() throws -> Int {
    let count = try integer()
    guard count >= 0, count <= bytes.count - position else { throw Nonsense() }
    return count
  }

  private mutating func integer() throws -> Int {
    let bits = try take(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    return Int(truncatingIfNeeded: UInt64(littleEndian: bits))
  }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw Nonsense() }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else { throw Nonsense() }
    position += count
    return bytes[(position - count)..<position]
  }
}

extension HDF5Contents {
  /// Decodes the contents of the file at `path` from a sender's bytes.
  ///
  /// Throws `HDF5Error`: the sender's own, or one that says that the bytes are invalid.
  public init(_ bytes: [UInt8], path: String) throws(HDF5Error) {
    var decoder = HDF5ContentsDecoder(bytes, path: path)
    do {
      self = try decoder.contents()
    } catch let error as HDF5Error {
      throw error
    } catch {
      throw .damage(path, "damage that its reader did not survive")
    }
  }
}

extension HDF5Error {
  /// The error for a file that damaged the process that read it.
  public static func damage(_ file: String, _ found: String) -> HDF5Error {
    HDF5Error(
      file: file, operation: "read", expected: "an intact HDF5 file", found: found)
  }
}
