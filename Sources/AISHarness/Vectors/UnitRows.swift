/// Rows scaled to length 1, in float64.
///
/// A row of zeros stays as it is; its cosine distance from everything is 1.
struct UnitRows {
  let width: Int
  let count: Int
  /// Row-major [count, width].
  let values: [Double]

  init(_ rows: [Float], width: Int) {
    precondition(width > 0 && rows.count.isMultiple(of: width), "whole rows")
    self.width = width
    count = rows.count / width
    var values = rows.map { Double($0) }
    for row in 0..<count {
      let range = row * width..<(row + 1) * width
      let length = values[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      if length == 0 { continue }
      for index in range { values[index] /= length }
    }
    self.values = values
  }

  /// The inner product of a row with a vector that starts at `start` of another array.
  func dot(_ row: Int, _ other: [Double], at start: Int) -> Double {
    values.withUnsafeBufferPointer { values in
      other.withUnsafeBufferPointer { other in
        var sum = 0.0
        for i in 0..<width { sum += values[row * width + i] * other[start + i] }
        return sum
      }
    }
  }

  /// The sum of the rows of each label, by label in rising order.
  func sums(labels: [Int]) -> (labels: [Int], counts: [Int], sums: [Double], groups: [Int]) {
    precondition(labels.count == count, "a label for each row")
    let present = Set(labels).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(present, present.indices))
    let groups = labels.map { places[$0] ?? 0 }
    var counts = [Int](repeating: 0, count: present.count)
    var sums = [Double](repeating: 0, count: present.count * width)
    for (row, group) in groups.enumerated() {
      counts[group] += 1
      for i in 0..<width { sums[group * width + i] += values[row * width + i] }
    }
    return (present, counts, sums, groups)
  }
}
