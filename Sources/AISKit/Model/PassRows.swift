/// The rows that a pass computes at present: which rows of the batch they are, where each lies in its
/// sequence, and which of them have left already and are computed for nothing.
struct PassRows {
  /// Rows of a sequence that follow each other in the buffer and in the sequence, and have not left.
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
  /// True of rows that have left.
  ///
  /// Shape: [rows].
  private(set) var hasLeft: [Bool] = []
  /// Rows of the buffer that have left.
  private(set) var leftCount = 0
  /// The rows that have not, by sequence and position.
  private(set) var runs: [Run] = []
  /// Rows of the whole batch.
  private(set) var batchCount = 0

  /// Sequence and position of each batch row.
  private var sequences: [Int] = []
  private var positions: [Int] = []

  /// Rows of the buffer.
  var count: Int { batchRows.count }
  /// Rows of the buffer that have not left.
  var activeCount: Int { count - leftCount }
  /// True where some row of the batch is computed no more, whether it was taken out of the buffer or
  /// not.
  var someHaveLeft: Bool { activeCount < batchCount }

  /// All rows of a batch behind what its sequences hold.
  mutating func open(_ batch: PackedTokens, lengths: [Int]) {
    batchCount = batch.rows
    leftCount = 0
    sequences.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    batchRows.removeAll(keepingCapacity: true)
    hasLeft.removeAll(keepingCapacity: true)
    for sequence in lengths.indices {
      for row in batch.starts[sequence]..<batch.starts[sequence + 1] {
        sequences.append(sequence)
        positions.append(lengths[sequence] + row - batch.starts[sequence])
        batchRows.append(row)
        hasLeft.append(false)
      }
    }
    findRuns()
  }

  /// Sequence and position of a row of the batch.
  func place(ofBatchRow row: Int) -> (sequence: Int, position: Int) {
    (sequences[row], positions[row])
  }

  /// Marks rows of the buffer as left; they stay in it.
  mutating func leave(_ rows: [Int]) {
    for row in rows where !hasLeft[row] {
      hasLeft[row] = true
      leftCount += 1
    }
    findRuns()
  }

  /// Takes the rows that have left out of the buffer, and says which stay, in order.
  mutating func compact() -> [Int] {
    let staying = hasLeft.indices.filter { !hasLeft[$0] }
    keep(staying)
    return staying
  }

  /// Takes all but some rows of the buffer out of it; those are ascending and have not left.
  mutating func keep(_ rows: [Int]) {
    for (index, row) in rows.enumerated() {
      batchRows[index] = batchRows[row]
      hasLeft[index] = false
    }
    batchRows.removeLast(batchRows.count - rows.count)
    hasLeft.removeLast(hasLeft.count - rows.count)
    leftCount = 0
    findRuns()
  }

  private mutating func findRuns() {
    runs.removeAll(keepingCapacity: true)
    for row in batchRows.indices where !hasLeft[row] {
      let (sequence, position) = place(ofBatchRow: batchRows[row])
      if let last = runs.last, last.sequence == sequence, last.firstRow + last.count == row,
        last.position + last.count == position
      {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(sequence: sequence, firstRow: row, count: 1, position: position))
      }
    }
  }
}
