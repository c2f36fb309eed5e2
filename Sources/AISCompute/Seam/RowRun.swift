/// Rows of a sequence that follow each other in a table and in the sequence.
package struct RowRun: Sendable, Equatable {
  package let sequence: Int
  package let firstRow: Int
  package var count: Int
  /// The first row's position.
  package let position: Int

  package init(sequence: Int, firstRow: Int, count: Int, position: Int) {
    self.sequence = sequence
    self.firstRow = firstRow
    self.count = count
    self.position = position
  }
}

extension [RowRun] {
  /// Adds the next row: to the last run if it continues that, or as a new one.
  package mutating func add(row: Int, sequence: Int, position: Int) {
    if let last, last.sequence == sequence, last.firstRow + last.count == row,
      last.position + last.count == position
    {
      self[count - 1].count += 1
    } else {
      append(RowRun(sequence: sequence, firstRow: row, count: 1, position: position))
    }
  }
}
