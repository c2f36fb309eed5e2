/// The mean direction of each label's vectors.
///
/// They are made from some vectors and may be asked about others. Only answers about held-out vectors
/// say how good a map is.
public struct Centroids: Sendable, Equatable {
  /// The labels in rising order.
  public let labels: [Int]
  /// Numbers in a vector.
  public let width: Int
  /// The centroids as unit vectors; a label whose directions cancel has a vector of zeros.
  ///
  /// Shape: [labels.count, width], row-major.
  public let vectors: [Double]

  /// Centroids of labelled vectors; only their directions count, not their lengths.
  ///
  /// Shape: rows [count, width], labels [count].
  public init(rows: [Float], width: Int, labels: [Int]) {
    let grouped = UnitRows(rows, width: width).sums(labels: labels)
    self.labels = grouped.labels
    self.width = width
    var vectors = grouped.sums
    for group in grouped.labels.indices {
      let range = group * width..<(group + 1) * width
      let length = vectors[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      // Directions that cancel leave rounding, which is no direction.
      let scale = length > 1e-12 * Double(grouped.counts[group]) ? 1 / length : 0
      for index in range { vectors[index] *= scale }
    }
    self.vectors = vectors
  }

  /// How many of the `k` entries nearest to each centroid have its label.
  ///
  /// Of equally near entries the lower index counts as nearer. A label with fewer than `k` entries
  /// cannot reach a share of 1.
  ///
  /// Shape: entries [any, width], labels [any]; the result has an element for each centroid.
  public func recall(at k: Int, among entries: [Float], labels: [Int]) -> [Int: Proportion] {
    let unit = UnitRows(entries, width: width)
    precondition(labels.count == unit.count, "a label for each entry")
    var result: [Int: Proportion] = [:]
    for (group, label) in self.labels.enumerated() {
      let similarities = (0..<unit.count).map { unit.dot($0, vectors, at: group * width) }
      let nearest = similarities.indices
        .sorted { (-similarities[$0], $0) < (-similarities[$1], $1) }
        .prefix(k)
      result[label] = Proportion(of: nearest.map { labels[$0] == label })
    }
    return result
  }
}
