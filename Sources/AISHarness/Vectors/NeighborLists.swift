import FAISS

/// The nearest entries to each of many queries by cosine distance, nearest first.
public struct NeighborLists: Sendable, Equatable {
  /// The entries nearest to each query.
  public let ids: [[Int]]
  /// Their cosine distances, 0 to 2.
  public let distances: [[Float]]

  /// Lists from their parts.
  public init(ids: [[Int]], distances: [[Float]]) {
    precondition(ids.map(\.count) == distances.map(\.count), "a distance for each neighbour")
    self.ids = ids
    self.distances = distances
  }

  /// The exact neighbours of each row among the other rows.
  ///
  /// Shape: rows [count, width]; at most `k` neighbours each.
  /// - Throws: `FAISSError.notFinite` for a NaN or an infinity, `.shape` for a `k` below 1.
  public init(leavingOneOut rows: [Float], width: Int, k: Int) throws(FAISSError) {
    let found = try Self.search(rows, among: rows, width: width, k: k + 1)
    // If many vectors are equal, the row itself may not be among those found.
    let others = found.enumerated().map { row, neighbors in
      neighbors.ids.indices.filter { neighbors.ids[$0] != Int64(row) }.prefix(k)
    }
    self.init(found, keeping: others)
  }

  /// The exact neighbours of each query among the entries.
  ///
  /// Shape: queries [any, width], entries [any, width]; at most `k` neighbours each.
  /// - Throws: `FAISSError.notFinite` for a NaN or an infinity, `.shape` for a `k` below 1.
  public init(
    of queries: [Float], among entries: [Float], width: Int, k: Int
  ) throws(FAISSError) {
    let found = try Self.search(queries, among: entries, width: width, k: k)
    self.init(found, keeping: found.map { $0.ids.indices.prefix(k) })
  }

  private init(_ found: [Neighbors], keeping places: [some Collection<Int>]) {
    ids = zip(found, places).map { neighbors, kept in kept.map { Int(neighbors.ids[$0]) } }
    // Rounding may give an inner product of unit vectors above 1.
    distances = zip(found, places).map { neighbors, kept in
      kept.map { max(0, 1 - neighbors.distances[$0]) }
    }
  }

  private static func search(
    _ queries: [Float], among entries: [Float], width: Int, k: Int
  ) throws(FAISSError) -> [Neighbors] {
    let index = try FlatIndex(dimension: width, metric: .innerProduct)
    try index.add(UnitRows(entries, width: width).values.map { Float($0) })
    return try index.search(UnitRows(queries, width: width).values.map { Float($0) }, k: k)
  }
}
