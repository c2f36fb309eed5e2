/// Writes safetensors files: right ones or, with `file(header:data:)`, wrong ones.
public struct SafetensorsBuilder: Sendable {
  private var entries: [String] = []
  private var data: [UInt8] = []

  /// A file without tensors.
  public init() {}

  /// Sets the file's `__metadata__`; the texts must need no escaping.
  public mutating func setMetadata(_ metadata: KeyValuePairs<String, String>) {
    let members = metadata.map { "\"\($0.key)\":\"\($0.value)\"" }
    entries.append("\"__metadata__\":{\(members.joined(separator: ","))}")
  }

  /// Appends a tensor; the name must need no escaping.
  public mutating func add(_ name: String, dtype: String = "F32", shape: [Int], data: [UInt8]) {
    let begin = self.data.count
    self.data += data
    entries.append(
      "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),"
        + "\"data_offsets\":[\(begin),\(self.data.count)]}")
  }

  /// Appends a tensor of 32-bit floats.
  public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
    add(name, shape: shape, data: littleEndianBytes(floats))
  }

  /// The file, its header padded with spaces so that the data are aligned.
  public func bytes() -> [UInt8] {
    var header = "{\(entries.joined(separator: ","))}"
    while header.utf8.count % 8 != 0 { header += " " }
    return Self.file(header: header, data: data)
  }

  /// A file with any header and data.
  ///
  /// `length` is stored as the header's length instead of the right one.
  public static func file(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    var file = LittleEndianBytes()
    file.append(length ?? UInt64(header.utf8.count))
    file.append(raw: header.utf8)
    file.append(raw: data)
    return file.bytes
  }
}
