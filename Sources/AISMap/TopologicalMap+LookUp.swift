import FAISS
import Synchronization

extension TopologicalMap {
  /// The vote of the entries nearest to a probe.
  ///
  /// - Parameters:
  ///   - probe: a hidden state at the pivot. Shape: [width].
  ///   - k: how many entries vote; all where there are fewer.
  ///   - vote: what a neighbour's voice weighs.
  /// - Returns: the entries and what they say.
  /// - Throws: `MapError` for an empty map, a `k` below 1, a probe of another width, or one that is
  ///   zero or not finite.
  public func lookUp(
    _ probe: [Float], k: Int = 10, vote: Vote = .weighted
  ) throws -> Neighborhood {
    guard probe.count == width else {
      throw MapError("probe", expected: "\(width) floats", found: "\(probe.count)")
    }
    return try lookUp(batch: probe, k: k, vote: vote)[0]
  }

  /// The entries nearest to each of many probes.
  ///
  /// Shape: `batch` is [any, width], row-major; the result has an element for each row.
  /// - Throws: `MapError` as for one probe.
  public func lookUp(
    batch: [Float], k: Int = 10, vote: Vote = .weighted
  ) throws -> [Neighborhood] {
    let unit = try MapProbes.normalized(batch, width: width)
    return try search(unit, k: k).map {
      try neighborhood($0.ids[...], $0.distances[...], vote)
    }
  }

  /// The neighbours of stored entries among all the others.
  ///
  /// - Throws: `MapError` for an id that no entry has, a `k` below 1, or a map of one entry.
  public func leaveOneOut(
    ids: [Int], k: Int = 10, vote: Vote = .weighted
  ) throws -> [Neighborhood] {
    let index = try filledIndex(k: k)
    let count = index.count
    guard count >= 2 else {
      throw MapError("entries", expected: "at least two", found: "\(count)")
    }
    if let stray = ids.first(where: { !(0..<count).contains($0) }) {
      throw MapError("entry", expected: "an id from 0 to \(count - 1)", found: "\(stray)")
    }
    let probes = try ids.flatMap { try index.reconstruct(Int64($0)) }
    let found = try search(probes, k: min(k, count - 1) + 1)
    return try zip(ids, found).map { id, found in
      // One of many equal entries may not find itself; then the last place is the one too many.
      let others = found.ids.indices.filter { found.ids[$0] != Int64(id) }.prefix(k)
      return try neighborhood(
        others.map { found.ids[$0] }[...], others.map { found.distances[$0] }[...], vote)
    }
  }

  private func filledIndex(k: Int) throws -> any VectorIndex {
    guard k >= 1 else { throw MapError("k", expected: "1 or more", found: "\(k)") }
    guard let index = state.withLock({ $0.index }) else {
      throw MapError("entries", expected: "at least one", found: "none")
    }
    return index
  }

  private func search(_ unit: [Float], k: Int) throws -> [Neighbors] {
    try filledIndex(k: k).search(unit, k: k)
  }

  private func neighborhood(
    _ ids: ArraySlice<Int64>, _ similarities: ArraySlice<Float>, _ vote: Vote
  ) throws -> Neighborhood {
    let found = state.withLock { state in ids.map { state.entries[Int($0)].category } }
    let neighbors = zip(zip(ids, similarities), found).map {
      Neighborhood.Neighbor(id: Int($0.0), similarity: $0.1, category: $1)
    }
    return try Neighborhood(
      neighbors: neighbors, categoryCount: categories.count, vote: vote)
  }
}
