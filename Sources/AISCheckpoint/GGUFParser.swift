import AISBase

/// Reads the front matter of a GGUF file: header, metadata, tensor table.
///
/// Every count is compared with the file's length before it is used, so that neither time nor memory
/// can exceed a small multiple of that length.
///
/// Source: the GGUF specification (ggml/docs/gguf.md), versions 2 and 3.
struct GGUFParser {
  /// A row of the tensor table.
  struct Tensor {
    let name: String
    let type: UInt32
    /// Innermost first, as stored.
    let dimensions: [Int]
    /// From the start of the tensor data.
    let offset: UInt64
  }

  private(set) var version = 0
  private(set) var metadata: [String: GGUFValue] = [:]
  private(set) var metadataKeys: [String] = []
  private(set) var tensors: [Tensor] = []
  private(set) var cursor: ByteCursor

  private static let maximumKeyLength: UInt64 = 65_535
  private static let maximumTensorNameLength: UInt64 = 1024
  private static let maximumDepth = 4

  /// True when `file` begins as a GGUF file does.
  static func hasMagic(_ file: MappedFile) -> Bool {
    file.bytes.prefix(4).elementsEqual("GGUF".utf8)
  }

  init(_ file: MappedFile) throws(CheckpointError) {
    cursor = ByteCursor(file: file)
    try parseMagicAndVersion()
    // A tensor has at least a name length, a type, a dimension count and an offset; an entry has at
    // least a key length, a type and a one-byte value.
    let tensorCount = try cursor.readCount(eachAtLeast: 24, "tensors")
    let metadataCount = try cursor.readCount(eachAtLeast: 13, "metadata entries")
    for _ in 0..<metadataCount { try parseMetadataEntry() }
    tensors.reserveCapacity(tensorCount)
    for _ in 0..<tensorCount { tensors.append(try parseTensor()) }
  }

  private mutating func parseMagicAndVersion() throws(CheckpointError) {
    guard Self.hasMagic(cursor.file) else {
      let start = cursor.file.bytes.prefix(4).map { Unicode.Scalar($0).escaped(asASCII: true) }
      throw error(0, "the letters GGUF", "'\(start.joined())'")
    }
    try cursor.skip(4, "the letters GGUF")
    let place = cursor.offset
    let number = try cursor.read(UInt32.self, "the format version")
    switch number {
    case 2, 3: version = Int(number)
    case 1: throw error(place, "GGUF version 2 or 3", "version 1, which is not supported")
    case 2 << 24, 3 << 24, 1 << 24:
      throw error(
        place, "little-endian GGUF version 2 or 3", "a big-endian file, which is not supported")
    default: throw error(place, "GGUF version 2 or 3", "version \(number)")
    }
  }

  // MARK: Metadata

  private mutating func parseMetadataEntry() throws(CheckpointError) {
    let place = cursor.offset
    let key = try parseName(limit: Self.maximumKeyLength, "a metadata key")
    let value = try parseValue(try parseType(key), key)
    guard metadata.updateValue(value, forKey: key) == nil else {
      throw error(place, "each metadata key once", "'\(key)' again")
    }
    metadataKeys.append(key)
  }

  private mutating func parseName(
    limit: UInt64, _ what: StaticString
  ) throws(CheckpointError) -> String {
    let place = cursor.offset
    let length = try cursor.read(UInt64.self, "the length of a name")
    guard length >= 1, length <= limit else {
      throw error(place, "\(what) of 1 to \(limit) bytes", "\(length) bytes")
    }
    let range = try cursor.skip(length, what)
    let name = String(decoding: cursor.file.bytes[range], as: UTF8.self)
    guard !CombiningMarks.areTooMany(in: name) else {
      throw error(place, "\(what) with \(CombiningMarks.limit)", "more")
    }
    return name
  }

  private mutating func parseType(_ key: String) throws(CheckpointError) -> GGUFValueType {
    let number = try cursor.read(UInt32.self, "a metadata value's type")
    guard let type = GGUFValueType(rawValue: number) else {
      throw CheckpointError(
        file: cursor.file.path, place: .metadata(key), expected: "a value type from 0 to 12",
        found: "\(number)")
    }
    return type
  }

  private mutating func parseValue(
    _ type: GGUFValueType, _ key: String
  ) throws(CheckpointError) -> GGUFValue {
    switch type {
    case .string:
      let length = try cursor.read(UInt64.self, "a string's length")
      return .string(GGUFString(file: cursor.file, range: try cursor.skip(length, "a string")))
    case .array:
      return try parseArray(key, depth: 1)
    default:
      let range = try cursor.skip(UInt64(type.size), "a metadata value")
      if type == .bool { try checkBools(range, key) }
      return .scalar(type, offset: range.lowerBound)
    }
  }

  private mutating func parseArray(_ key: String, depth: Int) throws(CheckpointError) -> GGUFValue {
    guard depth <= Self.maximumDepth else {
      throw CheckpointError(
        file: cursor.file.path, place: .metadata(key),
        expected: "arrays nested at most \(Self.maximumDepth) deep", found: "a deeper one")
    }
    let type = try parseType(key)
    let count = try cursor.readCount(eachAtLeast: type.size, "array elements")
    switch type {
    case .string:
      return .strings(try parseStrings(count))
    case .array:
      for _ in 0..<count { _ = try parseArray(key, depth: depth + 1) }
      return .nested(count: count)
    default:
      // Does not overflow: `readCount` has compared the product with the bytes that remain.
      let range = try cursor.skip(UInt64(count * type.size), "array elements")
      if type == .bool { try checkBools(range, key) }
      return .scalars(type, count: count, offset: range.lowerBound)
    }
  }

  private mutating func parseStrings(_ count: Int) throws(CheckpointError) -> GGUFStrings {
    var starts: [Int] = []
    starts.reserveCapacity(count)
    for _ in 0..<count {
      starts.append(cursor.offset)
      let length = try cursor.read(UInt64.self, "a string's length")
      try cursor.skip(length, "a string")
    }
    return GGUFStrings(file: cursor.file, starts: starts)
  }

  private func checkBools(_ range: Range<Int>, _ key: String) throws(CheckpointError) {
    guard let wrong = cursor.file.bytes[range].first(where: { $0 > 1 }) else { return }
    throw CheckpointError(
      file: cursor.file.path, place: .metadata(key), expected: "a bool stored as 0 or 1",
      found: "\(wrong)")
  }

  // MARK: Tensor table

  private mutating func parseTensor() throws(CheckpointError) -> Tensor {
    let name = try parseName(limit: Self.maximumTensorNameLength, "a tensor name")
    let rank = try cursor.read(UInt32.self, "a tensor's dimension count")
    guard rank <= 4 else {
      throw CheckpointError(
        file: cursor.file.path, place: .tensor(name), expected: "at most 4 dimensions",
        found: "\(rank)")
    }
    var dimensions: [Int] = []
    for _ in 0..<rank {
      let dimension = try cursor.read(UInt64.self, "a tensor dimension")
      guard dimension >= 1, let size = Int(exactly: dimension) else {
        throw CheckpointError(
          file: cursor.file.path, place: .tensor(name),
          expected: "dimensions from 1 to 2^63-1", found: "\(dimension)")
      }
      dimensions.append(size)
    }
    return Tensor(
      name: name, type: try cursor.read(UInt32.self, "a tensor's type"), dimensions: dimensions,
      offset: try cursor.read(UInt64.self, "a tensor's offset"))
  }

  private func error(_ offset: Int, _ expected: String, _ found: String) -> CheckpointError {
    CheckpointError(
      file: cursor.file.path, place: .offset(offset), expected: expected, found: found)
  }
}
