/// A row table in the host's memory.
final class HostRows: RowTable, @unchecked Sendable {
  let capacity: Int
  private(set) var rows: [RowState] = []
  private var knownRuns: [RowRun] = []
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
  var runs: [RowRun] {
    if !knowsRuns { findRuns() }
    return knownRuns
  }

  /// The rows that have exited, as runs.
  var exitedRuns: [RowRun] {
    var runs: [RowRun] = []
    for (row, state) in rows.enumerated() where state.exitStep != RowState.active {
      runs.add(row: row, sequence: Int(state.sequence), position: Int(state.position))
    }
    return runs
  }

  private func findRuns() {
    knownRuns.removeAll(keepingCapacity: true)
    for (row, state) in rows.enumerated() where state.exitStep == RowState.active {
      knownRuns.add(row: row, sequence: Int(state.sequence), position: Int(state.position))
    }
    knowsRuns = true
  }
}

extension RowTable {
  /// The table as the CPU backend's own type.
  var host: HostRows { own(self, "a row table") }
}
