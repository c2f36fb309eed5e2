import Dispatch
import Synchronization

extension TopologicalMap {
  /// Adds an observation of quality to the entry nearest to a probe.
  ///
  /// Returns at once. The map's own queue counts the observations in the order of the calls.
  ///
  /// - Throws: `RequestError` if the quality is not finite, or the neighbourhood has an entry that
  ///   this map does not have.
  public func observe(_ neighborhood: Neighborhood, quality: Double) throws(RequestError) {
    guard quality.isFinite else {
      throw RequestError("map quality", expected: "a finite number", found: "\(quality)")
    }
    let id = neighborhood.neighbors[0].id
    guard (0..<count).contains(id) else {
      throw RequestError("map neighbour", expected: "an entry of this map", found: "id \(id)")
    }
    observations.async {
      self.state.withLock { $0.entries[id].observe(quality: quality) }
    }
  }

  /// Waits until every observation so far has been counted.
  public func settle() { observations.sync {} }
}
