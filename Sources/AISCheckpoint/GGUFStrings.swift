/// A string inside a GGUF file; its bytes stay in the file, which it keeps mapped.
///
/// Equality and hash are those of the bytes. Swift's `String` treats strings as equal that differ
/// only in Unicode normalisation, but in a vocabulary those are different tokens.
public struct GGUFString: Sendable, Hashable, CustomStringConvertible {
  let file: MappedFile
  let range: Range<Int>

  /// Length in bytes.
  public var count: Int { range.count }

  /// Calls `body` with the string's bytes; the pointer must not leave it.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
  }

  /// The text; bytes that are not UTF-8 become U+FFFD.
  public var description: String {
    withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// True when both hold the same bytes.
  public static func == (left: GGUFString, right: GGUFString) -> Bool {
    left.withUnsafeBytes { one in right.withUnsafeBytes { two in one.elementsEqual(two) } }
  }

  /// Feeds the bytes to `hasher`.
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

/// The strings of a GGUF array, such as a vocabulary, without making a `String` for any of them.
///
/// Parsing reads each length once; an element is then found in constant time.
public struct GGUFStrings: RandomAccessCollection, Sendable {
  let file: MappedFile
  /// Where each string's 8-byte length begins; the bytes follow it.
  let starts: [Int]

  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of strings.
  public var endIndex: Int { starts.count }

  /// The string at `index`.
  public subscript(index: Int) -> GGUFString {
    GGUFString(file: file, range: range(of: index))
  }

  /// Calls `body` with the bytes of the string at `index`; the pointer must not leave it.
  ///
  /// The same as `self[index].withUnsafeBytes`, without changing a reference count.
  public func withUnsafeBytes<Result, Failure: Error>(
    at index: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range(of: index)]))
  }

  private func range(of index: Int) -> Range<Int> {
    let start = starts[index]
    // The parser has checked that this length lies in the file.
    let length = file.bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    return start + 8..<start + 8 + Int(UInt64(littleEndian: length))
  }
}
