/// Bytes to which numbers are appended, least significant byte first.
public struct LittleEndianBytes: Sendable {
  /// What has been appended so far.
  public private(set) var bytes: [UInt8] = []

  /// No bytes.
  public init() {}

  /// The number of bytes.
  public var count: Int { bytes.count }

  /// Appends a number.
  public mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  public mutating func append(raw: some Sequence<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Appends a text after its length as a 64-bit number, as in GGUF.
  public mutating func append(counted text: String) {
    append(UInt64(text.utf8.count))
    append(raw: text.utf8)
  }

  /// Appends zeros up to a multiple of `alignment`.
  public mutating func pad(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}

/// The bytes of floats, least significant byte first.
public func littleEndianBytes(_ floats: [Float]) -> [UInt8] {
  var buffer = LittleEndianBytes()
  for value in floats { buffer.append(value.bitPattern) }
  return buffer.bytes
}
