/// The residual stream of a packed batch between two blocks.
///
/// Shape: [rows, width] float32, one row for each token that is still computed, sequences one after the
/// other. Owned by the forward pass; policies and observers borrow it while the pass waits.
public struct HiddenStates: ~Copyable {
  let buffer: DeviceBuffer
  /// Rows that are computed: all tokens of the batch, until some leave.
  public let rows: Int
  /// How many of the rows have left and are computed for nothing.
  public let rowsLeft: Int
  /// Rows that the layer behind which these states are had when it began: as many, but for the last
  /// layer's where only rows that get logits are read.
  let rowsBefore: Int
  /// How many of those had left.
  let leftBefore: Int
  /// Width of the residual stream.
  public let width: Int

  init(
    buffer: DeviceBuffer, rows: Int, rowsLeft: Int, width: Int,
    before: (rows: Int, left: Int)? = nil
  ) {
    self.buffer = buffer
    self.rows = rows
    self.rowsLeft = rowsLeft
    self.width = width
    (rowsBefore, leftBefore) = before ?? (rows, rowsLeft)
  }

  /// Lends one row's numbers.
  public func withRow<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
    return try body(UnsafeBufferPointer(start: buffer.floats + row * width, count: width))
  }

  /// A copy of one row.
  public func row(_ row: Int) -> [Float] { withRow(row) { Array($0) } }
}
