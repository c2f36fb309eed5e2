/// A forward pass in progress, or the last finished one.
///
/// It owns its rows, the residual stream, scratch memory and what the policy remembers. Policies
/// and exit rules use it instead of the device. One object serves all passes of a context.
public final class Pass {
  package let model: DecoderModel
  package let stream: any ComputeStream
  package let arena: PassArena
  /// Keys and values of the context's sequences.
  public let cache: KVCache
  /// What the policy remembers.
  ///
  /// It is kept until the context forgets its positions, so that a decision about a prompt also
  /// holds for the tokens that follow.
  public var memory: (any Sendable)?
  /// The policy's memory before the open pass.
  private var memoryBefore: (any Sendable)?

  /// The host's copy of the row table.
  private(set) var rows = PassRows()
  /// The device's row table: kernels look up each row's sequence and position in it.
  private(set) var table: any RowTable
  private var spareTable: any RowTable
  /// Whether the spare memory is in use.
  private var isSwapped = false
  private var rowStates: [RowState] = []
  private(set) var batch = PackedTokens([Int32]())
  private(set) var steps: [Step] = []
  private(set) var angles: [RotaryAngles] = []
  /// Counts the context's passes, so that a snapshot can recognize its pass.
  private(set) var number = 0
  private(set) var phase = Phase.none
  /// The first step that has not run.
  var nextStep = 0
  /// The lowest step from which a restored pass was continued.
  ///
  /// Keys and values from there on may differ from the first run.
  private(set) var rerunFrom = Int.max
  /// The batch's rows that get logits.
  private(set) var wantedRows: [Int] = []
  /// Logits of the wanted rows, once they are computed.
  var logits = HostBytes.empty
  var logitRows = 0

  /// Rows that one action computes separately; `nil`: all rows.
  var group: RowGroup?
  /// The step that is running.
  var step = Step(index: 0, layer: 0, cacheSlot: 0)
  /// The step's rows whose output is needed; `nil`: all rows.
  var keptRows: [Int]?
  private var keptStorage: [Int] = []
  /// The row table of a group.
  private(set) lazy var groupTable = model.backend.makeRowTable(capacity: arena.rows)
  /// The row table of rows of which only keys and values are computed.
  private(set) lazy var fillTable = model.backend.makeRowTable(capacity: fillRows)
  /// Pairs of places in the exit ledger and rows, for rows that have exited and are still computed.
  var exitedMap = RowMap.identity(0)
  var observer: (any ForwardObserver)?
  /// Recorded passes.
  var programs: [PassProgram] = []
  /// What cannot be recorded.
  var unrecordable: Set<ProgramKey> = []
  /// Where recorded passes branch.
  var branchChoices: [ProgramKey: BranchChoice] = [:]
  /// What recorded passes read and leave.
  private(set) var recordMemory: RecordMemory?
  /// The exits of the passes that are being recorded.
  var recordedExits: RecordedExits?

  /// The most rows whose keys and values are filled together.
  ///
  /// The limit keeps buffers small. A device whose few rows have the same bits fills few at a time, so
  /// that the bits don't depend on how many there are.
  var fillRows: Int {
    let few = model.backend.productRanges.first?.upperBound ?? 1
    return few < PassExits.fillRows ? Self.mostFillRows : min(few, Self.mostFillRows)
  }
  private static let mostFillRows = 256

  /// The state of the pass.
  enum Phase { case none, open, finished }

  init(
    _ model: DecoderModel, sequences: Int, capacity: Int, rows: Int?, path: LayerPath
  ) throws {
    self.model = model
    stream = model.backend.makeStream()
    cache = try KVCache(
      config: model.config, backend: model.backend, stream: stream, sequences: sequences,
      capacity: capacity, slots: path.slotCount(of: model.config.layerCount))
    arena = PassArena(
      stream, rows: rows ?? min(sequences * capacity, PackedTokens.passRows))
    table = model.backend.makeRowTable(capacity: arena.rows)
    spareTable = model.backend.makeRowTable(capacity: arena.rows)
  }

  // MARK: Memory

  package var activationBytes: Int { model.backend.activationBytes }
  /// Bytes of a row of hidden states.
  var stateBytes: Int { model.config.hiddenSize * 4 }
  /// Bytes of a row of fused queries, keys and values.
  var queryBytes: Int { model.config.qkvWidth * 4 }

  /// The residual stream, float32 [rows, hiddenSize].
  package var hidden: any DeviceBuffer { arena.buffer(.hidden, rowBytes: stateBytes) }
  private var spare: any DeviceBuffer { arena.buffer(.spare, rowBytes: stateBytes) }
  var stepInput: any DeviceBuffer { arena.buffer(.stepInput, rowBytes: stateBytes) }
  /// A block's normalized input, compute type [rows, hiddenSize].
  package var normed: any DeviceBuffer {
    arena.buffer(.normed, rowBytes: model.config.hiddenSize * activationBytes)
  }
  /// Fused queries, keys, values, or fused gate and up: the widest float32 rows of a block.
  var wide: any DeviceBuffer { arena.buffer(.wide, rowBytes: model.config.wideRowBytes) }
  /// What the second product of each half reads, compute type.
  var inner: any DeviceBuffer {
    arena.buffer(.inner, rowBytes: model.config.innerWidth * activationBytes)
  }
  /// Queries of rows that were gathered, float32 [rows, qkvWidth].
  var queries: any DeviceBuffer { arena.buffer(.queries, rowBytes: queryBytes) }

  /// Pairs of source and target rows on the device.
  ///
  /// Without targets, the i-th source goes to row i.
  func map(_ sources: [Int], to targets: [Int]? = nil) -> RowMap {
    RowMap.upload(sources, to: targets, arena, stream)
  }

  /// The positions that a step does not see because they exited; `nil` unless the fill is `hole`.
  func holes(_ step: Step) -> CacheHoles? {
    guard let exits = cache.exits, exits.fill == .hole else { return nil }
    return CacheHoles(exitSteps: exits.deviceSteps, step: step.index)
  }

  /// Memory for a number of recorded passes.
  func recordMemory(passes: Int) -> RecordMemory {
    if let known = recordMemory, known.serves(passes: passes, rows: rowCount) { return known }
    let made = RecordMemory(model, passes: passes, rows: rowCount)
    recordMemory = made
    return made
  }

  /// Keeps the computed rows' states as the step's input.
  func keepInput() {
    stream.move(hidden, by: .identity(rowCount), rowBytes: stateBytes, into: stepInput)
  }
}

/// The life of a pass.
extension Pass {
  /// Begins a pass over a batch along a path: fills the row table and embeds the tokens.
  ///
  /// `further` positions of each sequence may follow without another upload.
  ///
  /// - Throws: `RequestError` for a batch that does not fit or a path that needs more cache slots
  ///   than there are; an error of the device.
  func open(_ batch: PackedTokens, _ path: LayerPath, further: Int = 0) throws {
    let slots = path.slotCount(of: layerCount)
    guard slots <= cache.slotCount else {
      throw RequestError(
        "path", expected: "at most \(cache.slotCount) cache slots, as the context has",
        found: "\(slots)")
    }
    try cache.validate(batch)
    try model.entry.validate(batch, lengths: cache.lengths)
    number += 1
    (self.batch, steps) = (batch, path == .once ? model.stepsOnce : path.steps(of: layerCount))
    (nextStep, rerunFrom, phase) = (0, .max, .open)
    if cache.lengths.allSatisfy({ $0 == 0 }) { memory = nil }
    memoryBefore = memory
    uploadRows(further: further)
    try closingOnError { try model.entry.embed(self) }
  }

  /// Writes all rows of the batch to the row table, as not exited.
  private func uploadRows(further: Int = 0) {
    logitRows = 0
    if isSwapped { swapBuffers() }
    arena.reserve(rows: batch.rows)
    if table.capacity < arena.rows {
      table = model.backend.makeRowTable(capacity: arena.rows)
      spareTable = model.backend.makeRowTable(capacity: arena.rows)
      groupTable = model.backend.makeRowTable(capacity: arena.rows)
    }
    rows.open(batch, lengths: cache.lengths)
    let positions = cache.expectedLengths.reduce(
      rows.runs.reduce(0) { max($0, $1.position + $1.count + further) }, max)
    if angles.contains(where: { $0.positions < positions }) || angles.isEmpty {
      angles = model.rotaryTables.angles(positions: positions)
    }
    rowStates.removeAll(keepingCapacity: true)
    for row in 0..<batch.rows {
      let (sequence, position) = rows.place(ofBatchRow: row)
      rowStates.append(
        RowState(
          token: batch.tokens[row], sequence: sequence, position: position,
          length: cache.expectedLengths[sequence]))
    }
    stream.upload(rowStates, into: table)
    guard let exits = cache.exits else { return }
    let places = rowStates.map {
      exits.place(sequence: Int($0.sequence), position: Int($0.position))
    }
    cache.setExits(places, to: RowState.active, by: map(places, to: places))
  }

  /// Changes the path from the next step on.
  ///
  /// - Throws: `RequestError` if the path differs in steps that have run.
  func follow(_ path: LayerPath) throws {
    let wanted = path == .once ? model.stepsOnce : path.steps(of: layerCount)
    guard wanted.prefix(nextStep) == steps.prefix(nextStep) else {
      throw RequestError(
        "path", expected: "the \(nextStep) steps that have run first", found: "others")
    }
    guard path.slotCount(of: layerCount) <= cache.slotCount else {
      throw RequestError(
        "path", expected: "at most \(cache.slotCount) cache slots, as the context has",
        found: "\(path.slotCount(of: layerCount))")
    }
    steps = wanted
  }

  /// Ends the pass after its last step.
  func close() {
    cache.advance(batch)
    phase = .finished
  }

  /// Abandons an open pass: the cache and the policy's memory are as before the pass.
  func abandon() {
    guard phase == .open else { return }
    cache.rewind()
    memory = memoryBefore
    phase = .none
  }

  /// Forgets the last pass, so that it cannot be restored.
  func forgetPass() { phase = .none }

  /// Forgets the last pass, and what its policy remembered.
  func reset() {
    phase = .none
    memory = nil
  }

  /// A copy of the computed rows' states.
  func copyOfStates() -> any DeviceBuffer {
    let copy = model.backend.makeBuffer(byteCount: rowCount * stateBytes)
    stream.move(hidden, by: .identity(rowCount), rowBytes: stateBytes, into: copy)
    return copy
  }

  /// Returns the pass to before a step, with the states that its rows had there.
  func reopen(at step: Int, _ states: any DeviceBuffer) {
    if phase == .finished { cache.retreat(batch) }
    cache.rewind(keeping: steps[..<step])
    uploadRows()
    stream.move(states, by: .identity(batch.rows), rowBytes: stateBytes, into: hidden)
    (nextStep, rerunFrom, phase) = (step, step, .open)
  }
}

/// Rows that the pass stops computing.
extension Pass {
  /// Notes which rows of the batch get logits.
  func chooseLogitRows(_ wanted: LogitRows) {
    wantedRows.removeAll(keepingCapacity: true)
    switch wanted {
    case .none: break
    case .all: wantedRows.append(contentsOf: 0..<batch.rows)
    case .lastOfEach:
      for sequence in 0..<batch.sequenceCount
      where batch.starts[sequence + 1] > batch.starts[sequence] {
        wantedRows.append(batch.starts[sequence + 1] - 1)
      }
    }
  }

  /// The wanted rows that have not exited, ascending; `nil` if those are all rows that have not
  /// exited.
  func rowsToKeep() -> [Int]? {
    keptStorage.removeAll(keepingCapacity: true)
    var next = 0
    for (row, batchRow) in rows.batchRows.enumerated() where !rows.hasExited[row] {
      while next < wantedRows.count, wantedRows[next] < batchRow { next += 1 }
      if next < wantedRows.count, wantedRows[next] == batchRow { keptStorage.append(row) }
    }
    return keptStorage.count == rows.activeCount ? nil : keptStorage
  }

  /// Stops computing all rows except `kept`.
  ///
  /// - Parameters:
  ///   - kept: the rows that stay, ascending.
  ///   - movesQueries: whether the rows' queries, which lie in `wide`, move to `queries`.
  func keep(_ kept: [Int], movesQueries: Bool = false) {
    let map = map(kept)
    stream.move(hidden, by: map, rowBytes: stateBytes, into: spare)
    if movesQueries {
      stream.move(wide, by: map, rowBytes: queryBytes, into: queries)
    }
    stream.move(table, by: map, into: spareTable)
    swapBuffers()
    rows.keep(kept)
  }

  /// Swaps the rows' memory and the spare memory, to which kept rows were moved.
  ///
  /// Every pass begins with both in their own places, so its addresses depend on its rows alone.
  private func swapBuffers() {
    arena.swap(.hidden, .spare)
    swap(&table, &spareTable)
    isSwapped.toggle()
  }

  /// Marks rows as exited, on the device and on the host.
  ///
  /// They are computed until they are removed from the batch.
  func markExited(_ exiting: [Int], by map: RowMap, at step: Int) {
    stream.exit(table, rows: map, at: step)
    rows.exit(exiting)
  }
}
