import AISKit

/// Writes GGUF files: right ones or, with overridden fields, wrong ones.
public struct GGUFBuilder: Sendable {
  /// A metadata value.
  public enum Value: Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case int64(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    case strings([String])
    case uint32s([UInt32])
    case int32s([Int32])
    case float32s([Float])
    case bools([Bool])
    /// Any bytes after the type number `type`.
    case raw(type: UInt32, [UInt8])
  }

  /// A row of the tensor table and its data.
  public struct Tensor: Sendable {
    /// The name.
    public var name: String
    /// Innermost first, as stored.
    public var dimensions: [UInt64]
    /// GGML's number of the encoding.
    public var type: UInt32
    /// The encoded numbers.
    public var data: [UInt8]
    /// The offset to store instead of the right one.
    public var offset: UInt64?
  }

  /// The first four bytes.
  public var magic: [UInt8] = Array("GGUF".utf8)
  /// The version of the format.
  public var version: UInt32 = 3
  /// What the tensor data are aligned to; written as `general.alignment` unless it is 32.
  public var alignment = 32
  /// The metadata, in file order; names may repeat.
  public var metadata: [(key: String, value: Value)] = []
  /// The tensors, in file order; names may repeat.
  public var tensors: [Tensor] = []
  /// The number of tensors to store instead of the right one.
  public var tensorCount: UInt64?
  /// The number of metadata entries to store instead of the right one.
  public var metadataCount: UInt64?

  /// A file without metadata and tensors.
  public init() {}

  /// Appends a metadata entry.
  public mutating func set(_ key: String, _ value: Value) {
    metadata.append((key, value))
  }

  /// Appends a tensor with the dimensions `shape`, outermost first.
  public mutating func add(
    _ name: String, shape: [Int], type: ElementType = .f32, data: [UInt8]
  ) {
    add(name, shape: shape, typeNumber: Self.number(of: type), data: data)
  }

  /// Appends a 32-bit float tensor with the dimensions `shape`, outermost first.
  public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
    add(name, shape: shape, type: .f32, data: littleEndianBytes(floats))
  }

  /// Appends a tensor with GGML's number of an encoding, which AIS may not know.
  public mutating func add(
    _ name: String, shape: [Int], typeNumber: UInt32, data: [UInt8], offset: UInt64? = nil
  ) {
    tensors.append(
      Tensor(
        name: name, dimensions: shape.reversed().map { UInt64($0) }, type: typeNumber, data: data,
        offset: offset))
  }

  /// The file.
  public func bytes() -> [UInt8] {
    let extra: [(key: String, value: Value)] =
      alignment == 32 ? [] : [("general.alignment", .uint32(UInt32(alignment)))]
    let entries = extra + metadata
    var file = LittleEndianBytes()
    file.append(raw: magic)
    file.append(version)
    file.append(tensorCount ?? UInt64(tensors.count))
    file.append(metadataCount ?? UInt64(entries.count))
    for (key, value) in entries {
      file.append(counted: key)
      append(value, to: &file)
    }
    var data = LittleEndianBytes()
    for tensor in tensors {
      data.pad(to: alignment)
      file.append(counted: tensor.name)
      file.append(UInt32(tensor.dimensions.count))
      for dimension in tensor.dimensions { file.append(dimension) }
      file.append(tensor.type)
      file.append(tensor.offset ?? UInt64(data.count))
      data.append(raw: tensor.data)
    }
    if !tensors.isEmpty {
      file.pad(to: alignment)
      file.append(raw: data.bytes)
    }
    return file.bytes
  }

  private func append(_ value: Value, to file: inout LittleEndianBytes) {
    func scalar(_ type: UInt32, _ bits: some FixedWidthInteger) {
      file.append(type)
      file.append(bits)
    }
    func array<Element>(_ type: UInt32, _ elements: [Element], _ append: (Element) -> Void) {
      file.append(UInt32(9))
      file.append(type)
      file.append(UInt64(elements.count))
      for element in elements { append(element) }
    }
    switch value {
    case .uint8(let number): scalar(0, number)
    case .int8(let number): scalar(1, number)
    case .uint16(let number): scalar(2, number)
    case .int16(let number): scalar(3, number)
    case .uint32(let number): scalar(4, number)
    case .int32(let number): scalar(5, number)
    case .float32(let number): scalar(6, number.bitPattern)
    case .bool(let truth): scalar(7, UInt8(truth ? 1 : 0))
    case .string(let text):
      file.append(UInt32(8))
      file.append(counted: text)
    case .uint64(let number): scalar(10, number)
    case .int64(let number): scalar(11, number)
    case .float64(let number): scalar(12, number.bitPattern)
    case .strings(let texts): array(8, texts) { file.append(counted: $0) }
    case .uint32s(let numbers): array(4, numbers) { file.append($0) }
    case .int32s(let numbers): array(5, numbers) { file.append($0) }
    case .float32s(let numbers): array(6, numbers) { file.append($0.bitPattern) }
    case .bools(let truths): array(7, truths) { file.append(UInt8($0 ? 1 : 0)) }
    case .raw(let type, let bytes):
      file.append(type)
      file.append(raw: bytes)
    }
  }

  /// GGML's number of an encoding, stated here independently as a check on the library's.
  private static func number(of type: ElementType) -> UInt32 {
    switch type {
    case .f32: 0
    case .f16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q5_0: 6
    case .q5_1: 7
    case .q8_0: 8
    case .q2_K: 10
    case .q3_K: 11
    case .q4_K: 12
    case .q5_K: 13
    case .q6_K: 14
    case .bf16: 30
    }
  }
}
