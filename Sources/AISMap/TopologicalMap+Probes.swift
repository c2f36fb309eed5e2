extension TopologicalMap {
  /// The entries with their probes: what another router needs to learn from just what this map votes
  /// with.
  ///
  /// Shape: probes [entries, width], row-major, each row of unit length.
  ///
  /// - Returns: both in the order in which they were added.
  /// - Throws: `MapError` where the map is empty, `FAISSError` where its index gives no probes back.
  public func labelledProbes() throws -> (probes: [Float], entries: [MapEntry]) {
    try withParts { index, entries, _ in
      (try entries.indices.flatMap { try index.reconstruct(Int64($0)) }, entries)
    }
  }
}
