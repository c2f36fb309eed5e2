/// The host's copy of the row table: which rows of the batch a pass computes now, the sequence and
/// position of each, and which have exited and are still computed.
struct PassRows {
  /// The batch row of each row of the buffer.
  ///
  /// Shape: [rows].
  private(set) var batchRows: [Int] = []
  /// True for rows that have exited.
  ///
  /// Shape: [rows].
  private(set) var hasExited: [Bool] = []
  /// Rows of the buffer that have exited.
  private(set) var exitedCount = 0
  /// The rows that have not exited, ordered by sequence and position.
  private(set) var runs: [RowRun] = []
  /// Rows of the whole batch.
  private(set) var batchCount = 0

  /// Sequence and position of each batch row.
  private var sequences: [Int] = []
  private var positions: [Int] = []

  /// Rows of the buffer.
  var count: Int { batchRows.count }
  /// Rows of the buffer that have not exited.
  var activeCount: Int { count - exitedCount }
  /// Whether any row of the batch has exited, removed from the buffer or not.
  var someHaveExited: Bool { activeCount < batchCount }

  /// Takes all rows of a batch.
  ///
  /// Their positions follow the stored ones.
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

  /// Marks rows of the buffer as exited.
  ///
  /// They stay in the buffer.
  mutating func exit(_ rows: [Int]) {
    for row in rows where !hasExited[row] {
      hasExited[row] = true
      exitedCount += 1
    }
    findRuns()
  }

  /// Removes all rows from the buffer except `rows`, which are ascending and have not exited.
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
    for row in batchRows.indices where !hasExited[row] {
      let (sequence, position) = place(ofBatchRow: batchRows[row])
      runs.add(row: row, sequence: sequence, position: position)
    }
  }

  /// The runs of some rows of the buffer, if those rows were gathered one after the other.
  ///
  /// The rows are ascending.
  func runs(of rows: [Int]) -> [RowRun] {
    var runs: [RowRun] = []
    for (index, row) in rows.enumerated() {
      let (sequence, position) = place(ofBatchRow: batchRows[row])
      runs.add(row: index, sequence: sequence, position: position)
    }
    return runs
  }
}
