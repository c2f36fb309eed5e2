/// A row table in the host's memory.
final class HostRows: RowTable, @unchecked Sendable {
  /// Rows that have not exited and are consecutive both in the table and in their sequence.
  struct Run {
    let firstRow: Int
    var count: Int
    let sequence: Int
    /// The position of the first row.
    let position: Int
    /// The sequence's expected final length, in positions.
    let length: Int
  }

  let capacity: Int
  private(set) var rows: [RowState] = []
  private var knownRuns: [Run] = []
  private var knowsRuns = false

  init(capacity: Int) {
    self.capacity = capacity
    rows.reserveCapacity(capacity)
  }

  /// Replaces the table's rows.
  func set(_ states: some Sequence<RowState>) {
    rows.removeAll(keepingCapacity: true)
    rows.append(contentsOf: states)
    precondition(rows.count <= capacity, "no more rows than the table holds")
    knowsRuns = false
  }

  /// Marks rows as exited; `step` is the first that they do not run.
  func exit(_ indices: some Sequence<Int>, at step: Int) {
    for index in indices { rows[index].exitStep = Int32(step) }
    knowsRuns = false
  }

  /// The rows that have not exited, as runs.
  var runs: [Run] {
    if !knowsRuns { findRuns() }
    return knownRuns
  }

  private func findRuns() {
    knownRuns.removeAll(keepingCapacity: true)
    for (row, state) in rows.enumerated() where state.exitStep == RowState.active {
      let (sequence, position) = (Int(state.sequence), Int(state.position))
      if let last = knownRuns.last, last.sequence == sequence, last.firstRow + last.count == row,
        last.position + last.count == position
      {
        knownRuns[knownRuns.count - 1].count += 1
      } else {
        knownRuns.append(
          Run(
            firstRow: row, count: 1, sequence: sequence, position: position,
            length: Int(state.length)))
      }
    }
    knowsRuns = true
  }
}

extension RowTable {
  /// The table as the CPU backend's own type.
  var host: HostRows {
    guard let own = self as? HostRows else { preconditionFailure("a row table of this device") }
    return own
  }
}
