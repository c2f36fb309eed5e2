extension TopologicalMap {
  /// The entries with their probes, to train another prompt router on the same data.
  ///
  /// Shape: probes [entries, width], row-major, each row of unit length.
  ///
  /// - Returns: both in the order in which they were added.
  /// - Throws: `RequestError` if the map is empty, `FAISSError` if its index cannot return probes.
  public func labelledProbes() throws -> (probes: [Float], entries: [MapEntry]) {
    try withParts { index, entries, _ in
      (try entries.indices.flatMap { try index.reconstruct(Int64($0)) }, entries)
    }
  }
}
