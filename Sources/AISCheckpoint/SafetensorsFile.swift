/// A safetensors file: named tensors, which stay in the mapped file.
///
/// Opening checks the whole header: the tensors must fill the data without holes and overlaps, as
/// the format requires. A tensor whose element type AIS cannot compute with is refused only when it
/// is requested, because a file may have masks and counters as well as weights.
///
/// Source: the safetensors format (README of huggingface/safetensors).
public final class SafetensorsFile: NamedTensors, Sendable {
  /// The path, as the caller gave it.
  public let path: String
  /// The names of the tensors, in header order.
  public let tensorNames: [String]
  /// The texts of the header's `__metadata__`, by name; empty if it has none.
  public let metadata: [String: String]

  private let file: MappedFile
  private let entries: [String: Entry]

  /// The longest header in bytes, as in the format's own implementation.
  private static let maximumHeaderLength: UInt64 = 100_000_000

  /// A tensor's entry in the header.
  private struct Entry {
    let type: String
    let shape: [Int]
    /// From the start of the file.
    let range: Range<Int>
  }

  /// Opens the file at `path`.
  ///
  /// Throws: `CheckpointError` when it is missing or anything in its header is malformed.
  public init(path: String) throws {
    let file = try MappedFile(path: path)
    var cursor = ByteCursor(file: file)
    let length = try cursor.read(UInt64.self, "the header's length")
    let limit = min(Self.maximumHeaderLength, UInt64(cursor.remaining))
    guard length >= 2, length <= limit else {
      throw CheckpointError(
        file: path, place: .offset(0), expected: "a header of 2 to \(limit) bytes",
        found: "\(length)")
    }
    let range = try cursor.skip(length, "the header")
    guard file.bytes[range.lowerBound] == UInt8(ascii: "{") else {
      throw CheckpointError(
        file: path, place: .offset(range.lowerBound), expected: "a header that begins with '{'",
        found: "byte \(file.bytes[range.lowerBound])")
    }
    let value = try file.withUnsafeBytes { bytes throws(CheckpointError) in
      try JSONParser.parse(
        UnsafeRawBufferPointer(rebasing: bytes[range]), file: path, base: range.lowerBound)
    }
    let header = JSONSection(file: path, path: "", object: value.object ?? JSONObject())

    self.file = file
    self.path = path
    tensorNames = header.keys.filter { $0 != "__metadata__" }
    metadata = try Self.metadata(in: header)
    let dataStart = range.upperBound
    var entries: [String: Entry] = [:]
    entries.reserveCapacity(tensorNames.count)
    for name in tensorNames {
      entries[name] = try Self.entry(name, header, data: dataStart..<file.count)
    }
    try Self.checkCover(entries, data: dataStart..<file.count, path: path)
    self.entries = entries
  }

  /// True when there is a tensor called `name`, of whatever element type.
  public func contains(_ name: String) -> Bool { entries[name] != nil }

  /// The tensor called `name`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when AIS cannot compute with its element type.
  public func tensorIfPresent(_ name: String) throws -> TensorView? {
    guard let entry = entries[name] else { return nil }
    guard let elementType = SafetensorsType.elementType(named: entry.type) else {
      throw CheckpointError(
        file: path, place: .tensor(name), expected: "one of \(SafetensorsType.supported)",
        found: entry.type)
    }
    return TensorView(
      name: name, shape: entry.shape, elementType: elementType, file: file, range: entry.range)
  }

  /// The name of the tensor's element type, or `nil` if there is no such tensor.
  public func elementTypeName(ofTensor name: String) -> String? { entries[name]?.type }

  /// The tensor's shape, outermost dimension first, or `nil` if there is no such tensor.
  public func shape(ofTensor name: String) -> [Int]? { entries[name]?.shape }

  // MARK: Checks

  private static func metadata(in header: JSONSection) throws -> [String: String] {
    guard header.contains("__metadata__") else { return [:] }
    let section = try header.section("__metadata__")
    var texts: [String: String] = [:]
    for key in section.keys { texts[key] = try section.string(key) }
    return texts
  }

  private static func entry(
    _ name: String, _ header: JSONSection, data: Range<Int>
  ) throws -> Entry {
    let section = try header.section(name)
    let type = try section.string("dtype")
    let shape = try section.integers("shape")
    let offsets = try section.integers("data_offsets")
    guard shape.allSatisfy({ $0 >= 0 }), let elements = product(shape) else {
      throw section.error("shape", expected: "sizes of 0 or more with a product below 2^63")
    }
    guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= data.count
    else {
      throw CheckpointError(
        file: header.file, place: .tensor(name),
        expected: "data_offsets [begin, end] with 0 ≤ begin ≤ end ≤ \(data.count)",
        found: "\(offsets.prefix(3))")
    }
    let size = offsets[1] - offsets[0]
    if let bits = SafetensorsType.bits(of: type) {
      guard let total = product([elements, bits]), total % 8 == 0, total / 8 == size else {
        throw CheckpointError(
          file: header.file, place: .tensor(name),
          expected: "as many bytes as \(type) of shape \(shape.prefix(8)) needs", found: "\(size)")
      }
    }
    let start = data.lowerBound + offsets[0]
    return Entry(type: type, shape: shape, range: start..<start + size)
  }

  /// Throws unless the tensors fill the data exactly, without holes and overlaps.
  private static func checkCover(
    _ entries: [String: Entry], data: Range<Int>, path: String
  ) throws {
    let ordered = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
        < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
    }
    var end = data.lowerBound
    for (name, entry) in ordered {
      guard entry.range.lowerBound == end else {
        throw CheckpointError(
          file: path, place: .tensor(name),
          expected: "data that begin where the last tensor ends, at byte \(end)",
          found: "byte \(entry.range.lowerBound)")
      }
      end = entry.range.upperBound
    }
    guard end == data.upperBound else {
      throw CheckpointError(
        file: path, place: .offset(end), expected: "the end of the file after the last tensor",
        found: "\(data.upperBound - end) bytes more")
    }
  }
}

/// The names of element types in safetensors files.
enum SafetensorsType {
  /// The names of the types that AIS can compute with, for errors.
  static let supported = "F32, F16, BF16"

  /// The element type called `name`, if AIS can compute with it.
  static func elementType(named name: String) -> ElementType? {
    switch name {
    case "F32": .f32
    case "F16": .f16
    case "BF16": .bf16
    default: nil
    }
  }

  /// Bits of one number of the type called `name`, or `nil` if the type is unknown.
  static func bits(of name: String) -> Int? {
    switch name {
    case "F4": 4
    case "F6_E2M3", "F6_E3M2": 6
    case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
    case "U16", "I16", "F16", "BF16": 16
    case "U32", "I32", "F32": 32
    case "U64", "I64", "F64", "C64": 64
    default: nil
    }
  }
}
