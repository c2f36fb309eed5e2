/// The host's copy of the row table: which rows of the batch a pass computes now, the sequence and
/// position of each, and which have exited and are still computed.
struct PassRows {
  /// Rows that have not exited and are consecutive both in the buffer and in their sequence.
  struct Run: Equatable {
    let sequence: Int
    let firstRow: Int
    var count: Int
    /// The position of the first row.
    let position: Int
  }

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

  /// Removes the rows that have exited from the buffer.
  ///
  /// Returns the rows that stay, in order.
  mutating func compact() -> [Int] {
    let staying = hasExited.indices.filter { !hasExited[$0] }
    keep(staying)
    return staying
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
    for row in batchRows.indices where !hasExited[row] { append(row, at: row, to: &runs) }
  }

  /// The runs of some rows of the buffer, if those rows were gathered one after the other.
  ///
  /// The rows are ascending.
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
