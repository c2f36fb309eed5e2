/// Random vectors around random centres, in an order that mixes the clusters.
public struct ClusteredVectors: Sendable {
  /// The vectors, row-major.
  public private(set) var rows: [Float] = []
  /// The cluster of each row.
  public private(set) var labels: [Int] = []

  /// Vectors whose components differ by at most `spread` from their centre's, which are between -1
  /// and 1.
  public init(count: Int, dimension: Int, clusters: Int, spread: Float, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let centers = (0..<clusters * dimension).map { _ in Float.random(in: -1...1, using: &random) }
    rows.reserveCapacity(count * dimension)
    for _ in 0..<count {
      let cluster = Int.random(in: 0..<clusters, using: &random)
      labels.append(cluster)
      for place in 0..<dimension {
        rows.append(
          centers[cluster * dimension + place]
            + Float.random(in: -spread...spread, using: &random))
      }
    }
  }
}
