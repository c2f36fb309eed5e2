/// Rows on the device that an observer can read: the residual stream between two blocks, or the
/// input of a down-projection.
///
/// One row for each computed token, sequences one after the other. Valid only during the observer's
/// call. Reading waits for the device.
///
/// Shape: [rows, width] float32.
public struct HiddenStates: ~Copyable {
  private let stream: any ComputeStream
  private let buffer: any DeviceBuffer
  /// Gathers single rows on the device; `nil` if the states are not its residual stream.
  private let gatherer: Pass?
  /// Computed rows: all tokens of the batch until rows exit.
  public let rows: Int
  /// How many of the rows have exited and are still computed.
  public let exitedRows: Int
  /// Numbers in a row.
  public let width: Int
  /// The batch row of each row.
  let batchRows: [Int]
  /// Rows when the step began.
  ///
  /// The last active layer may end with fewer rows.
  let rowsBefore: Int
  /// Exited rows among `rowsBefore`.
  let exitedBefore: Int
  /// True of rows that have exited.
  ///
  /// Shape: [rows].
  let hasExited: [Bool]

  init(
    _ stream: any ComputeStream, _ buffer: any DeviceBuffer, width: Int,
    rows now: borrowing PassRows, before: (rows: Int, exited: Int)? = nil,
    gatherer: Pass? = nil
  ) {
    self.gatherer = gatherer
    self.stream = stream
    self.buffer = buffer
    self.width = width
    rows = now.count
    exitedRows = now.exitedCount
    batchRows = now.batchRows
    hasExited = now.hasExited
    (rowsBefore, exitedBefore) = before ?? (now.count, now.exitedCount)
  }

  /// Gives `body` all numbers.
  ///
  /// Shape: [rows, width].
  ///
  /// - Throws: an error of the device, and what `body` throws.
  public func withNumbers<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    try stream.download(buffer, byteCount: rows * width * 4).withFloats(body)
  }

  /// A copy of one row.
  public func row(_ row: Int) throws -> [Float] {
    precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
    return try rows([row])
  }

  /// A copy of some rows, in the order asked.
  ///
  /// Shape: [rows asked, width].
  public func rows(_ chosen: [Int]) throws -> [Float] {
    if let gatherer { return try gatherer.states(rows: chosen) }
    return try withNumbers { numbers in
      var result: [Float] = []
      result.reserveCapacity(chosen.count * width)
      for row in chosen { result += numbers[row * width..<(row + 1) * width] }
      return result
    }
  }

  /// A copy of all rows.
  public func numbers() throws -> [Float] { try withNumbers { Array($0) } }
}
