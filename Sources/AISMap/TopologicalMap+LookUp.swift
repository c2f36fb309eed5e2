import FAISS
import Synchronization

extension TopologicalMap {
  /// The vote of the entries nearest to a probe.
  ///
  /// - Parameters:
  ///   - probe: a hidden state at the pivot. Shape: [width].
  ///   - k: how many entries vote, or all if there are fewer.
  ///   - vote: how neighbours are weighted.
  /// - Returns: the entries and their vote.
  /// - Throws: `RequestError` for an empty map, a `k` below 1, a probe of another width, or one that is
  ///   zero or not finite.
  public func lookUp(
    _ probe: [Float], k: Int = 10, vote: Vote = .weighted
  ) throws -> Neighborhood {
    guard probe.count == width else {
      throw RequestError("map probe", expected: "\(width) floats", found: "\(probe.count)")
    }
    return try lookUp(batch: probe, k: k, vote: vote)[0]
  }

  /// The entries nearest to each of many probes.
  ///
  /// Shape: `batch` is [any, width], row-major; the result has an element for each row.
  /// - Throws: `RequestError` as for one probe.
  public func lookUp(
    batch: [Float], k: Int = 10, vote: Vote = .weighted
  ) throws -> [Neighborhood] {
    let unit = try MapProbes.normalized(batch, width: width)
    return try filledIndex(k: k).search(unit, k: k).map { try neighborhood($0, vote) }
  }

  private func filledIndex(k: Int) throws -> any VectorIndex {
    guard k >= 1 else { throw RequestError("map k", expected: "1 or more", found: "\(k)") }
    guard let index = state.withLock({ $0.index }) else {
      throw RequestError("map entries", expected: "at least one", found: "none")
    }
    return index
  }

  private func neighborhood(_ found: Neighbors, _ vote: Vote) throws -> Neighborhood {
    let categories = state.withLock { state in found.ids.map { state.entries[Int($0)].category } }
    let neighbors = zip(zip(found.ids, found.distances), categories).map {
      Neighborhood.Neighbor(id: Int($0.0), similarity: $0.1, category: $1)
    }
    return try Neighborhood(
      neighbors: neighbors, categoryCount: self.categories.count, vote: vote)
  }
}
