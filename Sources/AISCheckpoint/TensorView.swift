/// A tensor of a checkpoint: its name, its shape, and its bytes, which stay in the mapped file.
///
/// Shape: row-major, outermost dimension first, whatever order the container uses. The weight of a
/// linear map is [outputs, inputs]. A row is the innermost dimension. The bytes may be unaligned.
public struct TensorView: Sendable {
  /// The name in the container.
  public let name: String
  /// The dimensions, outermost first; empty for a single number.
  public let shape: [Int]
  /// How the numbers are encoded.
  public let elementType: ElementType
  /// Numbers in a row: the innermost dimension, 1 for a single number.
  public let rowElements: Int
  /// Rows: the product of all but the innermost dimension.
  public let rowCount: Int

  private let file: MappedFile
  private let range: Range<Int>

  /// A tensor whose bytes are `range` of `file`; its length must fit `shape` and `elementType`.
  package init(
    name: String, shape: [Int], elementType: ElementType, file: MappedFile, range: Range<Int>
  ) {
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.file = file
    self.range = range
    rowElements = shape.last ?? 1
    rowCount = shape.dropLast().reduce(1, *)
    precondition(
      rowElements % elementType.blockElements == 0 && rowCount * rowBytes == range.count,
      "the bytes of \(name) do not fit its shape")
  }

  /// All numbers in the tensor.
  public var elementCount: Int { rowCount * rowElements }
  /// Length of a row in bytes.
  public var rowBytes: Int { rowElements / elementType.blockElements * elementType.blockBytes }
  /// Length of the tensor in bytes.
  public var byteCount: Int { range.count }
  /// The path of the file in which the tensor lies.
  public var path: String { file.path }

  /// Calls `body` with the encoded bytes, row after row; the pointer must not leave it.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(file) {} }
    return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
  }

  /// Releases the memory of the tensor's bytes, once they have been copied elsewhere.
  ///
  /// The bytes stay readable from the file.
  public func releasePages() {
    file.releasePages(range)
  }
}
