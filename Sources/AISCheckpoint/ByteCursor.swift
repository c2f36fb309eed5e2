/// Reads a mapped file from front to back and refuses every step beyond its end.
///
/// Counts from the file stay `UInt64` until they have been compared with the bytes that remain, so
/// that no arithmetic on them can overflow.
struct ByteCursor {
  /// The file that is read.
  let file: MappedFile
  /// The next byte to read.
  private(set) var offset = 0

  /// Bytes not read yet.
  var remaining: Int { file.count - offset }

  /// The next little-endian number, called `what` if it is cut off.
  mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ what: StaticString
  ) throws(CheckpointError) -> Number {
    let size = MemoryLayout<Number>.size
    guard size <= remaining else { throw endOfFile(needing: UInt64(size), what) }
    let bits = file.bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
    offset += size
    return Number(littleEndian: bits)
  }

  /// Skips `count` bytes that hold `what`, and returns their range in the file.
  @discardableResult
  mutating func skip(_ count: UInt64, _ what: StaticString) throws(CheckpointError) -> Range<Int> {
    guard count <= UInt64(remaining) else { throw endOfFile(needing: count, what) }
    let start = offset
    offset += Int(count)
    return start..<offset
  }

  /// Reads a 64-bit count of things that take at least `size` bytes each.
  ///
  /// Throws: `CheckpointError` when so many cannot fit in the bytes that remain.
  mutating func readCount(
    eachAtLeast size: Int, _ what: StaticString
  ) throws(CheckpointError) -> Int {
    let place = offset
    let count = try read(UInt64.self, what)
    guard count <= UInt64(remaining / size) else {
      let expected = "a number of \(what) that fits in the \(remaining) bytes left"
      throw CheckpointError(
        file: file.path, place: .offset(place), expected: expected, found: "\(count)")
    }
    return Int(count)
  }

  private func endOfFile(needing count: UInt64, _ what: StaticString) -> CheckpointError {
    CheckpointError(
      file: file.path, place: .offset(offset), expected: "\(what) (\(count) bytes)",
      found: "\(remaining) bytes before the end of the file")
  }
}
