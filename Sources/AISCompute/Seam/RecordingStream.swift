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

  /// Moves each row of the table to its next position, as not exited, with its token from `given`, or
  /// from `chosen` if the given one is negative. Appends the chosen tokens and the steps at which rows
  /// exited to the log.
  ///
  /// Shape: chosen [rows] Int32; given [passes, rows] Int32, of which the entry of this pass is read.
  func advance(
    _ rows: any RowTable, chosen: any DeviceBuffer, given: any DeviceBuffer, log: PassLog)

  /// Says that rows of the table may reach a position, before operations on them are recorded.
  func expect(_ rows: any RowTable, toReach position: Int)

  /// Whether it can record segments.
  var recordsSegments: Bool { get }

  /// Records segments of a pass. The first always runs, every other one only if `exit` found before
  /// that a row has not exited.
  ///
  /// If passes leave a segment out, their rows have no keys and values there. The next pass that runs
  /// it fills them first, some rows at a time: the device puts the rows into `exits.fillTable` and the
  /// states with which they exited into `exits.fillStates`, and runs what `fill` records. `fill` and
  /// `body` are called with a segment, once or several times.
  ///
  /// - Throws: what `fill` and `body` throw.
  func record(
    segments: Int, _ exits: PassExits, fill: (Int) throws -> Void, body: (Int) throws -> Void
  ) throws

  /// Marks rows that exit, and keeps their states: `step` is the first that they do not run. As the
  /// last operation of a segment it decides whether the next `segment` runs; within one, that is `nil`.
  ///
  /// Shape: states [rows, width] float32.
  ///
  /// - Throws: `EngineError`.
  func exit(
    _ states: any DeviceBuffer, by choice: ExitChoice, at step: Int, before segment: Int?,
    _ exits: PassExits) throws
}

/// Operations that a stream recorded.
package protocol DeviceProgram: AnyObject, Sendable {}

/// What recorded passes leave for the host.
package struct PassLog {
  /// The number of passes, and for each pass the tokens that it chose and then the steps at which its
  /// rows exited.
  ///
  /// Shape: Int32 [1 + passes · 2 · rows].
  package let entries: any DeviceBuffer

  package init(_ entries: any DeviceBuffer) { self.entries = entries }

  /// Bytes for a number of passes.
  package static func byteCount(passes: Int, rows: Int) -> Int { (1 + passes * 2 * rows) * 4 }

  /// What `pass` chose for each row.
  package static func tokens(_ numbers: [Int32], pass: Int, rows: Int) -> ArraySlice<Int32> {
    numbers[1 + 2 * pass * rows..<1 + (2 * pass + 1) * rows]
  }

  /// The first step that each row of `pass` did not run, or `RowState.active`.
  package static func exitSteps(_ numbers: [Int32], pass: Int, rows: Int) -> ArraySlice<Int32> {
    numbers[1 + (2 * pass + 1) * rows..<1 + (2 * pass + 2) * rows]
  }
}

/// Which rows exit.
package enum ExitChoice {
  /// Those whose product with weights of one output is above a bound.
  ///
  /// Shape: [rows, inputs] compute type.
  case product(any DeviceBuffer, WeightMatrix, above: Float)
  /// Those whose step in a list has come.
  ///
  /// Shape: [passes, rows] Int32.
  case steps(any DeviceBuffer)
}

/// Where recorded passes keep what they must know of rows that exited.
package struct PassExits {
  /// The most rows that are filled together.
  package static let fillRows = 32

  package let rows: any RowTable
  package let log: PassLog
  /// The first step that each position did not run.
  ///
  /// Shape: [sequences, capacity] Int32.
  package let steps: any DeviceBuffer
  /// The states with which positions exited.
  ///
  /// Shape: [sequences, capacity, width] float32.
  package let states: any DeviceBuffer
  /// Positions of each sequence, and numbers of a state.
  package let (capacity, width): (Int, Int)
  /// For each segment, how many rows of the passes in the log have keys and values there.
  ///
  /// The host sets it to 0 before the first pass.
  ///
  /// Shape: [segments] Int32.
  package let filled: any DeviceBuffer
  package let fillTable: any RowTable
  /// Shape: [fillRows, width] float32.
  package let fillStates: any DeviceBuffer

  package init(
    rows: any RowTable, log: PassLog, steps: any DeviceBuffer, states: any DeviceBuffer,
    capacity: Int, width: Int, filled: any DeviceBuffer, fillTable: any RowTable,
    fillStates: any DeviceBuffer
  ) {
    (self.rows, self.log, self.steps, self.states) = (rows, log, steps, states)
    (self.capacity, self.width, self.filled) = (capacity, width, filled)
    (self.fillTable, self.fillStates) = (fillTable, fillStates)
  }
}
