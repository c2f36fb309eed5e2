/// How much nearer each vector is to its own label than to the nearest other label, −1 to 1.
///
/// The distance is the cosine distance. It is exact and takes time linear in the number of vectors: the
/// mean distance from x to a group is 1 − x·(mean of the group's unit vectors), where x is left out of
/// its own group. With one label only, nothing is defined and all values are NaN.
///
/// Source: Rousseeuw 1987, Journal of Computational and Applied Mathematics 20, 53–65.
public struct Silhouette: Sendable, Equatable {
  /// The value of each vector; 0 if it is its label's only one.
  public let values: [Double]
  /// The mean over all vectors.
  public let mean: Double

  /// The silhouette of labelled vectors; only their directions count, not their lengths.
  ///
  /// Shape: rows [count, width], labels [count].
  public init(rows: [Float], width: Int, labels: [Int]) {
    let unit = UnitRows(rows, width: width)
    let (present, counts, sums, groups) = unit.sums(labels: labels)
    values = groups.enumerated().map { row, own in
      if present.count < 2 { return .nan }
      if counts[own] == 1 { return 0 }
      var inside = 0.0
      var outside = Double.infinity
      for group in present.indices {
        let together = unit.dot(row, sums, at: group * width)
        if group == own {
          let itself = unit.dot(row, unit.values, at: row * width)
          inside = 1 - (together - itself) / Double(counts[own] - 1)
        } else {
          let distance = 1 - together / Double(counts[group])
          // `min` would drop a NaN.
          outside = distance.isNaN ? .nan : min(outside, distance)
        }
      }
      return Self.value(inside: inside, outside: outside)
    }
    mean = Bootstrap.mean(values)
  }

  private static func value(inside: Double, outside: Double) -> Double {
    let larger = max(inside, outside)
    // Both distances are rounding errors: all vectors have one direction.
    return larger < 1e-12 ? 0 : (outside - inside) / larger
  }
}
