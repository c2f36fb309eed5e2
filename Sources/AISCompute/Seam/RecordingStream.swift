/// A stream that can record operations once and run them many times.
package protocol RecordingStream: ComputeStream {
  /// Records the operations of `body` instead of computing them.
  ///
  /// Recorded operations use the same buffers each time they run.
  ///
  /// - Returns: the program; `nil` if one of the operations cannot be recorded, such as an upload.
  /// - Throws: what `body` throws, and the first error of the device.
  func record(_ body: () throws -> Void) throws -> (any DeviceProgram)?

  /// Runs recorded operations.
  func run(_ program: any DeviceProgram)

  /// Moves each row of the table to its next position, with its token from `tokens`, and appends the
  /// tokens to `history`.
  ///
  /// Shape: tokens [rows] Int32; history Int32: the number of entries, then [entries, rows].
  func advance(_ rows: any RowTable, tokens: any DeviceBuffer, history: any DeviceBuffer)

  /// Says that rows of the table may reach a position, before operations on them are recorded.
  func expect(_ rows: any RowTable, toReach position: Int)
}

/// Operations that a stream recorded.
package protocol DeviceProgram: AnyObject, Sendable {}
