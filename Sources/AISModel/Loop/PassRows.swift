/// The host's copy of the row table: which rows of the batch a pass computes at present, where each lies in
/// its sequence, and which have exited and are still computed.
struct PassRows {
  /// Rows of a sequence that follow each other in the buffer and in the sequence, and have not exited.
  struct Run: Equatable {
    let sequence: Int
    let firstRow: Int
    var count: Int
    /// Of the first row.
    let position: Int
  }

  /// The batch row of each row of the buffer.
  ///
  /// Shape: [rows].
  private(set) var batchRows: [Int] = []
  /// True of rows that have exited.
  ///
  /// Shape: [rows].
  private(set) var hasExited: [Bool] = []
  /// Rows of the buffer that have exited.
  private(set) var exitedCount = 0
  /// The rows that have not, by sequence and position.
  private(set) var runs: [Run] = []
  /// Rows of the whole batch.
  private(set) var batchCount = 0

  /// Sequence and position of each batch row.
  private var sequences: [Int] = []
  private var positions: [Int] = []

  /// Rows of the buffer.
  var count: Int { batchRows.count }
  /// Rows of the buffer that have not exited.
  var activeCount: Int { count - exitedCount }
  /// True where some row of the batch is computed no more, whether it was taken out of the buffer or
  /// not.
  var someHaveExited: Bool { activeCount < batchCount }

  /// All rows of a batch, after what its sequences hold.
  mutating func open(_ batch: PackedTokens, lengths: [Int]) {
    batchCount = batch.rows
    exitedCount = 0
    sequences.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    batchRows.removeAll(keepingCapacity: true)
    hasExited.removeAll(keepingCapacity: true)
    for sequence in lengths.indices {
      for row in batch.starts[sequence]..<batch.starts[sequence + 1] {
        sequences.append(sequence)
        positions.append(lengths[sequence] + row - batch.starts[sequence])
        batchRows.append(row)
        hasExited.append(false)
      }
    }
    findRuns()
  }

  /// Sequence and position of a row of the batch.
  func place(ofBatchRow row: Int) -> (sequence: Int, position: Int) {
    (sequences[row], positions[row])
  }

  /// Marks rows of the buffer as exited; they stay in it.
  mutating func exit(_ rows: [Int]) {
    for row in rows where !hasExited[row] {
      hasExited[row] = true
      exitedCount += 1
    }
    findRuns()
  }

  /// Takes the rows that have exited out of the buffer, and says which stay, in order.
  mutating func compact() -> [Int] {
    let staying = hasExited.indices.filter { !hasExited[$0] }
    keep(staying)
    return staying
  }

  /// Takes all but some rows of the buffer out of it; those are ascending and have not exited.
  mutating func keep(_ rows: [Int]) {
    for (index, row) in rows.enumerated() {
      batchRows[index] = batchRows[row]
      hasExited[index] = false
    }
    batchRows.removeLast(batchRows.count - rows.count)
    hasExited.removeLast(hasExited.count - rows.count)
    exitedCount = 0
    findRuns()
  }

  private mutating func findRuns() {
    runs.removeAll(keepingCapacity: true)
    for row in batchRows.indices where !hasExited[row] { append(row, at: row, to: &runs) }
  }

  /// The runs of some rows of the buffer, ascending, once they lie one after the other.
  func runs(of rows: [Int]) -> [Run] {
    var runs: [Run] = []
    for (place, row) in rows.enumerated() { append(row, at: place, to: &runs) }
    return runs
  }

  private func append(_ row: Int, at place: Int, to runs: inout [Run]) {
    let (sequence, position) = self.place(ofBatchRow: batchRows[row])
    if let last = runs.last, last.sequence == sequence, last.firstRow + last.count == place,
      last.position + last.count == position
    {
      runs[runs.count - 1].count += 1
    } else {
      runs.append(Run(sequence: sequence, firstRow: place, count: 1, position: position))
    }
  }
}
