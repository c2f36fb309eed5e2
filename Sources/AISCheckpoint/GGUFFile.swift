/// A GGUF file, version 2 or 3, little-endian: metadata and tensors, which stay in the mapped file.
///
/// Opening reads and checks only the front matter: every length, every offset, every tensor's place
/// in the file. It accepts tensors whose encoding AIS cannot compute with, because the metadata are
/// of use without them. `tensor(_:)` refuses such a tensor; `validateElementTypes()` checks all of
/// them. A file without tensors is a vocabulary.
public final class GGUFFile: NamedTensors, Sendable {
  /// The path, as the caller gave it.
  public let path: String
  /// The version of the format: 2 or 3.
  public let version: Int
  /// Each tensor's data begin at a multiple of this many bytes.
  public let alignment: Int
  /// The names of the metadata entries, in file order.
  public let metadataKeys: [String]
  /// The names of the tensors, in file order.
  public let tensorNames: [String]

  let file: MappedFile
  let metadata: [String: GGUFValue]
  private let tensors: [String: Entry]

  /// Where a tensor lies; `byteCount` is `nil` for an unknown encoding.
  private struct Entry {
    let type: UInt32
    /// Outermost first.
    let shape: [Int]
    let offset: Int
    let byteCount: Int?
  }

  /// Opens the file at `path`.
  ///
  /// Throws: `CheckpointError` when it is missing or anything in its front matter is malformed.
  public convenience init(path: String) throws {
    try self.init(MappedFile(path: path))
  }

  /// Reads the front matter of `file`.
  init(_ file: MappedFile) throws {
    let parsed = try GGUFParser(file)
    self.file = file
    path = file.path
    version = parsed.version
    metadata = parsed.metadata
    metadataKeys = parsed.metadataKeys
    tensorNames = parsed.tensors.map(\.name)
    alignment = try Self.alignment(parsed, file)
    try Self.refuseSplitModel(parsed, file)
    tensors = try Self.place(
      parsed.tensors, after: parsed.cursor.offset, alignment: alignment, in: file)
  }

  /// The tensor called `name`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when AIS cannot compute with its encoding.
  public func tensorIfPresent(_ name: String) throws -> TensorView? {
    guard let entry = tensors[name] else { return nil }
    let type = GGUFTensorType.with(id: entry.type)
    guard let type, let elementType = type.elementType, let byteCount = entry.byteCount else {
      throw CheckpointError(
        file: path, place: .tensor(name), expected: "one of \(GGUFTensorType.supported)",
        found: type?.name ?? "tensor type \(entry.type)")
    }
    return TensorView(
      name: name, shape: entry.shape, elementType: elementType, file: file,
      range: entry.offset..<entry.offset + byteCount)
  }

  /// Checks that AIS can compute with every tensor's encoding.
  ///
  /// Throws: `CheckpointError` naming the first tensor with which it cannot.
  public func validateElementTypes() throws {
    for name in tensorNames { _ = try tensorIfPresent(name) }
  }

  /// The name of the tensor's encoding, known to AIS or not, or `nil` if there is no such tensor.
  public func elementTypeName(ofTensor name: String) -> String? {
    tensors[name].map { GGUFTensorType.with(id: $0.type)?.name ?? "type \($0.type)" }
  }

  /// The tensor's shape, outermost dimension first, or `nil` if there is no such tensor.
  public func shape(ofTensor name: String) -> [Int]? { tensors[name]?.shape }

  // MARK: Checks

  private static func alignment(_ parsed: GGUFParser, _ file: MappedFile) throws -> Int {
    let key = "general.alignment"
    guard let value = parsed.metadata[key] else { return 32 }
    let found: Int? =
      if case .scalar(let type, let offset) = value { file.integer(type, at: offset) } else { nil }
    // One mebibyte is far above any page size, and small enough that sums cannot overflow.
    guard let found, found >= 1, found <= 1 << 20, found & (found - 1) == 0 else {
      throw CheckpointError(
        file: file.path, place: .metadata(key), expected: "a power of two from 1 to 1048576",
        found: found.map { "\($0)" } ?? value.summary)
    }
    return found
  }

  private static func refuseSplitModel(_ parsed: GGUFParser, _ file: MappedFile) throws {
    let key = "split.count"
    guard case .scalar(let type, let offset)? = parsed.metadata[key],
      let parts = file.integer(type, at: offset), parts > 1
    else { return }
    throw CheckpointError(
      file: file.path, place: .metadata(key), expected: "a whole model in one file",
      found: "one part of \(parts); merge them with llama-gguf-split")
  }

  private static func place(
    _ tensors: [GGUFParser.Tensor], after end: Int, alignment: Int, in file: MappedFile
  ) throws -> [String: Entry] {
    let dataStart = (end + alignment - 1) / alignment * alignment
    var entries: [String: Entry] = [:]
    entries.reserveCapacity(tensors.count)
    for tensor in tensors {
      let entry = try place(tensor, dataStart: dataStart, alignment: alignment, in: file)
      guard entries.updateValue(entry, forKey: tensor.name) == nil else {
        throw CheckpointError(
          file: file.path, place: .tensor(tensor.name), expected: "each tensor name once",
          found: "a second tensor of this name")
      }
    }
    try refuseOverlap(entries, in: file)
    return entries
  }

  private static func place(
    _ tensor: GGUFParser.Tensor, dataStart: Int, alignment: Int, in file: MappedFile
  ) throws -> Entry {
    func fail(_ expected: String, _ found: String) -> CheckpointError {
      CheckpointError(
        file: file.path, place: .tensor(tensor.name), expected: expected, found: found)
    }
    guard tensor.offset % UInt64(alignment) == 0 else {
      throw fail("an offset that is a multiple of \(alignment)", "\(tensor.offset)")
    }
    let room = max(0, file.count - dataStart)
    guard tensor.offset <= UInt64(room) else {
      throw fail("an offset within \(room) bytes of tensor data", "\(tensor.offset)")
    }
    let offset = Int(tensor.offset)
    let shape = Array(tensor.dimensions.reversed())
    guard let type = GGUFTensorType.with(id: tensor.type) else {
      return Entry(type: tensor.type, shape: shape, offset: dataStart + offset, byteCount: nil)
    }
    let rowElements = tensor.dimensions.first ?? 1
    guard rowElements % type.blockElements == 0 else {
      throw fail(
        "rows of a multiple of \(type.blockElements) numbers for \(type.name)", "\(rowElements)")
    }
    guard let elements = product(shape),
      let byteCount = product([elements / type.blockElements, type.blockBytes])
    else { throw fail("dimensions with a product below 2^63", "\(shape)") }
    guard byteCount <= room - offset else {
      throw fail(
        "\(byteCount) bytes of \(type.name) data for shape \(shape)",
        "\(room - offset) bytes before the end of the file")
    }
    return Entry(type: tensor.type, shape: shape, offset: dataStart + offset, byteCount: byteCount)
  }

  /// In this format tensors share no bytes, so two in one place mean a damaged table.
  private static func refuseOverlap(_ entries: [String: Entry], in file: MappedFile) throws {
    let ordered = entries.sorted { ($0.value.offset, $0.key) < ($1.value.offset, $1.key) }
    for (one, next) in zip(ordered, ordered.dropFirst()) {
      let end = one.value.offset + (one.value.byteCount ?? 0)
      guard next.value.offset >= end else {
        throw CheckpointError(
          file: file.path, place: .tensor(next.key),
          expected: "data after those of '\(one.key)', at byte \(end) or later",
          found: "byte \(next.value.offset)")
      }
    }
  }
}

/// The product of sizes, or `nil` if it overflows.
func product(_ sizes: [Int]) -> Int? {
  var total = 1
  for size in sizes {
    let (result, overflow) = total.multipliedReportingOverflow(by: size)
    if overflow { return nil }
    total = result
  }
  return total
}
