import AISKit

/// Operations that were recorded, to be queued each time they run.
final class DeferredProgram: DeviceProgram {
  let operations: DeferredQueue.Recorded

  init(_ operations: DeferredQueue.Recorded) { self.operations = operations }
}

/// The device that computes late can also record, so that recorded passes are tested without an accelerator.
extension DeferredStream: RecordingStream {
  package func record(_ body: () throws -> Void) throws -> (any DeviceProgram)? {
    try queue.record(body).map { DeferredProgram($0) }
  }

  package func run(_ program: any DeviceProgram) {
    guard let own = program as? DeferredProgram else { preconditionFailure("a deferred program") }
    queue.add(own.operations)
  }

  package func advance(
    _ rows: any RowTable, chosen: any DeviceBuffer, given: any DeviceBuffer, log: PassLog
  ) {
    let (rows, chosen, given, base) = (table(rows), buffer(chosen), buffer(given), base)
    let log = buffer(log.entries)
    enqueue(
      reads: [.init(rows), .init(chosen), .init(given), .init(log)],
      writes: [.init(rows), .init(log)]
    ) {
      let count = rows.states.count
      let tokens = try base.download(chosen.base, byteCount: count * 4).integers
      let wanted = try base.download(given.base, byteCount: given.byteCount).integers
      var entries = try base.download(log.base, byteCount: log.byteCount).integers
      let pass = Int(entries[0])
      for row in 0..<count {
        entries[1 + 2 * pass * count + row] = tokens[row]
        entries[1 + (2 * pass + 1) * count + row] = rows.states[row].exitStep
        let next = wanted[pass * count + row]
        rows.states[row].token = next < 0 ? max(tokens[row], 0) : next
        rows.states[row].position += 1
        rows.states[row].exitStep = RowState.active
      }
      entries[0] += 1
      base.upload(entries, into: log.base)
      base.upload(rows.states, into: rows.base)
    }
  }

  package func expect(_ rows: any RowTable, toReach position: Int) {}

  package var recordsSegments: Bool { true }

  package func record(
    segments: Int, _ exits: PassExits, fill: (Int) throws -> Void, body: (Int) throws -> Void
  ) throws {
    try body(0)
    for segment in 1..<max(segments, 1) {
      let (fills, own) = (
        try queue.recordPart { try fill(segment) }, try queue.recordPart { try body(segment) }
      )
      let (rows, memory, owed) = (table(exits.rows), memory(exits), Owed(exits, self))
      let places = fills.places + own.places + memory
      enqueue(reads: places, writes: places) {
        guard rows.states.contains(where: { $0.exitStep == RowState.active }) else { return }
        while try owed.gather(segment) { try fills.run() }
        try own.run()
      }
    }
  }

  package func exit(
    _ states: any DeviceBuffer, by choice: ExitChoice, at step: Int, before segment: Int?,
    _ exits: PassExits
  ) throws {
    let (rows, states, log, base) = (
      table(exits.rows), buffer(states), buffer(exits.log.entries), base
    )
    let (kept, steps) = (buffer(exits.states), buffer(exits.steps))
    let (capacity, rowBytes) = (exits.capacity, exits.width * 4)
    let source: DeferredBuffer
    switch choice {
    case .product(let x, let weights, _):
      let scores = base.makeScratch(byteCount: table(exits.rows).capacity * 4)
      source = DeferredBuffer(scores)
      let (x, rows) = (buffer(x), table(exits.rows))
      enqueue(reads: [.init(x), .init(rows)], writes: [.init(source)]) {
        try base.multiply(
          x.base, rows: rows.states.count, by: weights, into: scores, accumulate: false)
      }
    case .steps(let list): source = buffer(list)
    }
    let places = memory(exits)
    enqueue(reads: places + [.init(states), .init(source)], writes: places) {
      let count = rows.states.count
      let pass = Int(try base.download(log.base, byteCount: 4).integers[0])
      let bytes = try base.download(source.base, byteCount: source.byteCount)
      for row in 0..<count where rows.states[row].exitStep == RowState.active {
        let exits =
          switch choice {
          case .product(_, _, let bound): bytes.floats[row] > bound
          case .steps: bytes.integers[pass * count + row] <= Int32(step)
          }
        guard exits else { continue }
        rows.states[row].exitStep = Int32(step)
        let place = Int(rows.states[row].sequence) * capacity + Int(rows.states[row].position)
        let pair = base.makeScratch(byteCount: 8)
        base.upload([Int32(row), Int32(place)], into: pair)
        let map = RowMap(count: 1, pairs: pair)
        base.move(states.base, by: map, rowBytes: rowBytes, into: kept.base)
        base.fill(steps.base, by: map, with: Int32(step))
      }
      base.upload(rows.states, into: rows.base)
    }
  }

  private func memory(_ exits: PassExits) -> [DeferredQueue.Place] {
    [exits.log.entries, exits.steps, exits.states, exits.filled, exits.fillStates].map {
      .init(buffer($0))
    } + [.init(table(exits.rows)), .init(table(exits.fillTable))]
  }
}

/// Rows whose keys and values a segment owes.
private struct Owed {
  private let base: any ComputeStream
  private let (rows, fillTable): (DeferredTable, DeferredTable)
  private let (log, filled, kept, fillStates):
    (DeferredBuffer, DeferredBuffer, DeferredBuffer, DeferredBuffer)
  private let (capacity, rowBytes): (Int, Int)

  init(_ exits: PassExits, _ stream: DeferredStream) {
    base = stream.base
    (rows, fillTable) = (stream.table(exits.rows), stream.table(exits.fillTable))
    (log, filled) = (stream.buffer(exits.log.entries), stream.buffer(exits.filled))
    (kept, fillStates) = (stream.buffer(exits.states), stream.buffer(exits.fillStates))
    (capacity, rowBytes) = (exits.capacity, exits.width * 4)
  }

  /// Puts the next rows that a segment owes into the table; false if there are none.
  func gather(_ segment: Int) throws -> Bool {
    let count = rows.states.count
    let pass = Int(try base.download(log.base, byteCount: 4).integers[0])
    var done = try base.download(filled.base, byteCount: filled.byteCount).integers
    let first = Int(done[segment])
    let taken = min(PassExits.fillRows, pass * count - first)
    // The pass itself stores its rows.
    done[segment] = Int32(taken > 0 ? first + taken : (pass + 1) * count)
    base.upload(done, into: filled.base)
    guard taken > 0 else { return false }
    var (states, pairs): ([RowState], [Int32]) = ([], [])
    for place in first..<first + taken {
      var row = rows.states[place % count]
      row.position -= Int32(pass - place / count)
      row.exitStep = RowState.active
      pairs += [Int32(Int(row.sequence) * capacity + Int(row.position)), Int32(states.count)]
      states.append(row)
    }
    var none = states[0]
    none.exitStep = 0
    states += [RowState](repeating: none, count: PassExits.fillRows - taken)
    base.upload(states, into: fillTable.base)
    let map = base.makeScratch(byteCount: pairs.count * 4)
    base.upload(pairs, into: map)
    base.move(
      kept.base, by: RowMap(count: taken, pairs: map), rowBytes: rowBytes, into: fillStates.base)
    return true
  }
}
