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
    _ rows: any RowTable, tokens: any DeviceBuffer, history: any DeviceBuffer
  ) {
    let (rows, tokens, history, base) = (table(rows), buffer(tokens), buffer(history), base)
    enqueue(
      reads: [.init(rows), .init(tokens), .init(history)], writes: [.init(rows), .init(history)]
    ) {
      let count = rows.states.count
      let chosen = try base.download(tokens.base, byteCount: count * 4).integers
      var entries = try base.download(history.base, byteCount: history.byteCount).integers
      let first = 1 + Int(entries[0]) * count
      for row in 0..<count {
        entries[first + row] = chosen[row]
        rows.states[row].token = max(chosen[row], 0)
        rows.states[row].position += 1
      }
      entries[0] += 1
      base.upload(entries, into: history.base)
      base.upload(rows.states, into: rows.base)
    }
  }

  package func expect(_ rows: any RowTable, toReach position: Int) {}
}
