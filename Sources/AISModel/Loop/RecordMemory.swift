/// Memory that recorded passes read and write beside that of every pass.
final class RecordMemory {
  /// What they leave for the host.
  let log: PassLog
  /// Tokens that the host gives them; negative: the pass before chooses.
  ///
  /// Shape: [passes, rows] Int32.
  let given: any DeviceBuffer
  private var exitMemory: ExitMemory?
  private let (passes, rows): (Int, Int)

  init(_ model: DecoderModel, passes: Int, rows: Int) {
    (self.passes, self.rows) = (passes, rows)
    log = PassLog(
      model.backend.makeBuffer(byteCount: PassLog.byteCount(passes: passes, rows: rows)))
    given = model.backend.makeBuffer(byteCount: passes * rows * 4)
  }

  func serves(passes: Int, rows: Int) -> Bool { passes <= self.passes && rows <= self.rows }

  /// What recorded operations access.
  var parts: [AnyObject?] { [log.entries, given] }

  /// Memory for exits between some segments, made at its first use.
  func exits(
    _ model: DecoderModel, _ stream: any ComputeStream, segments: Int
  ) -> ExitMemory {
    if let known = exitMemory, known.segments >= segments { return known }
    let made = ExitMemory(model, stream, segments: segments, passes: passes, rows: rows)
    exitMemory = made
    return made
  }
}

/// Memory for the exits of recorded passes.
struct ExitMemory {
  let segments: Int
  /// `PassExits.filled`.
  let filled: any DeviceBuffer
  /// The first step that each row of each pass does not run.
  ///
  /// Shape: [passes, rows] Int32.
  let schedule: any DeviceBuffer
  /// Rows whose keys and values are filled, and their states.
  let fillTable: any RowTable
  let fillStates: any DeviceBuffer

  init(
    _ model: DecoderModel, _ stream: any ComputeStream, segments: Int, passes: Int, rows: Int
  ) {
    let (backend, count) = (model.backend, PassExits.fillRows)
    self.segments = segments
    filled = backend.makeBuffer(byteCount: segments * 4)
    schedule = backend.makeBuffer(byteCount: passes * rows * 4)
    fillTable = backend.makeRowTable(capacity: count)
    fillStates = backend.makeBuffer(byteCount: count * model.config.hiddenSize * 4)
    // The device replaces them; the host says how many there are.
    let row = RowState(token: 0, sequence: 0, position: 0, length: 0)
    stream.upload([RowState](repeating: row, count: count), into: fillTable)
  }
}
