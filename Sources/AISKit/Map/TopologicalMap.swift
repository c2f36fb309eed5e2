import Dispatch
import FAISS
import Foundation
import Synchronization

/// Prompts by where their hidden state lies: the entries near a probe tell its category, and with
/// it which layers matter.
///
/// A probe is the hidden state at the pivot layer. Probes are compared by the cosine of their
/// angle. A map can be shared between threads: look-ups run side by side while entries are added
/// and observations come in.
public final class TopologicalMap: Sendable {
  private struct State {
    var index: (any VectorIndex)?
    var entries: [MapEntry] = []
    var importance: LayerImportance?
  }

  /// What the map is made for.
  public let shape: MapShape
  private let state: Mutex<State>
  /// Held while entries come in or are taken out: index and entries then agree.
  private let additions = NSLock()
  private let observations = DispatchQueue(label: "ais.map.observations")

  /// The categories' names; entries name them by index.
  public var categories: [String] { shape.categories }
  /// The layer whose output is the probe.
  public var pivot: Int { shape.pivot }
  /// Floats in a probe.
  public var width: Int { shape.width }
  /// The model's layers.
  public var layerCount: Int { shape.layerCount }

  /// A map without entries.
  public init(_ shape: MapShape) {
    self.shape = shape
    state = Mutex(State())
  }

  /// A map without entries.
  ///
  /// - Throws: `MapError` where the arguments make no shape.
  public convenience init(
    categories: [String], pivot: Int, width: Int, layerCount: Int, kind: MapShape.Kind = .exact
  ) throws {
    self.init(
      try MapShape(
        categories: categories, pivot: pivot, width: width, layerCount: layerCount, kind: kind))
  }

  /// A map of what was stored.
  ///
  /// - Throws: `MapError` where the parts don't fit each other.
  package convenience init(
    _ shape: MapShape, index: any VectorIndex, entries: [MapEntry], importance: LayerImportance?
  ) throws {
    self.init(shape)
    guard index.dimension == shape.width, index.metric == .innerProduct else {
      throw MapError(
        "index", expected: "inner products of \(shape.width) floats",
        found: "\(index.metric) of \(index.dimension)")
    }
    guard index.count == entries.count else {
      throw MapError(
        "entries", expected: "\(index.count), as in the index", found: "\(entries.count)")
    }
    for (row, entry) in entries.enumerated() {
      try entry.check(row: row, categoryCount: shape.categories.count)
    }
    try setImportance(importance)
    state.withLock { ($0.index, $0.entries) = (index, entries) }
  }

  /// The number of entries.
  public var count: Int { state.withLock { $0.index }?.count ?? 0 }

  /// The entries, in the order in which they were added.
  public var entries: [MapEntry] { state.withLock { $0.entries } }

  /// How much each layer matters to each category; `nil` until it was measured.
  public var importance: LayerImportance? { state.withLock { $0.importance } }

  /// Sets how much each layer matters to each category.
  ///
  /// - Throws: `MapError` where the shape is not [categories, layers] of this map.
  public func setImportance(_ importance: LayerImportance?) throws(MapError) {
    if let importance {
      guard importance.categoryCount == categories.count, importance.layerCount == layerCount
      else {
        throw MapError(
          "importance", expected: "\(categories.count) categories x \(layerCount) layers",
          found: "\(importance.categoryCount) x \(importance.layerCount)")
      }
    }
    state.withLock { $0.importance = importance }
  }

  /// Appends entries with their probes, which need not have unit length.
  ///
  /// An approximate map learns its lists from the first addition, so that should be a large one,
  /// drawn as later probes are.
  ///
  /// Shape: `probes` is [entries, width], row-major.
  /// - Throws: `MapError` naming the row of a probe that is zero or not finite, or of an entry that
  ///   is not of this map; the map is then unchanged.
  public func add(probes: [Float], entries: [MapEntry]) throws {
    let unit = try MapProbes.normalized(probes, width: width)
    guard unit.count == entries.count * width else {
      throw MapError(
        "probes", expected: "\(entries.count), one for each entry", found: "\(unit.count / width)")
    }
    for (row, entry) in entries.enumerated() {
      try entry.check(row: row, categoryCount: categories.count)
    }
    if entries.isEmpty { return }
    try additions.withLock {
      let index = try state.withLock { $0.index } ?? makeIndex(sample: unit)
      // Entries first: whoever finds a probe finds its entry.
      state.withLock { $0.entries += entries }
      do {
        try index.add(unit)
      } catch {
        state.withLock { $0.entries.removeLast(entries.count) }
        throw error
      }
      state.withLock { $0.index = index }
    }
  }

  private func makeIndex(sample: [Float]) throws -> any VectorIndex {
    switch shape.kind {
    case .exact: try FlatIndex(dimension: width, metric: .innerProduct)
    case .approximate:
      try ApproximateIndex(dimension: width, metric: .innerProduct, sample: sample)
    }
  }

  /// Runs `work` on index, entries and importance as they are together, observations included,
  /// while nothing is added.
  ///
  /// - Throws: `MapError` where the map is empty, and what `work` throws.
  package func withParts<Result>(
    _ work: (any VectorIndex, [MapEntry], LayerImportance?) throws -> Result
  ) throws -> Result {
    settle()
    return try additions.withLock {
      let parts = state.withLock { $0 }
      guard let index = parts.index else {
        throw MapError("entries", expected: "at least one", found: "none")
      }
      return try work(index, parts.entries, parts.importance)
    }
  }
}

// MARK: - Looking up

extension TopologicalMap {
  /// The entries nearest to a probe, and their vote.
  ///
  /// - Parameters:
  ///   - probe: a hidden state at the pivot. Shape: [width].
  ///   - k: how many entries vote; all where there are fewer.
  ///   - vote: what a neighbour's voice weighs.
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

// MARK: - Observing

extension TopologicalMap {
  /// Tells the entry nearest to a probe how well it went there.
  ///
  /// Returns at once; a queue of the map's own counts and averages, in the order of the calls.
  ///
  /// - Throws: `MapError` where the quality is not finite, or the neighbourhood is of another map.
  public func observe(_ neighborhood: Neighborhood, quality: Double) throws(MapError) {
    guard quality.isFinite else {
      throw MapError("quality", expected: "a finite number", found: "\(quality)")
    }
    let id = neighborhood.neighbors[0].id
    guard (0..<count).contains(id) else {
      throw MapError("neighbour", expected: "an entry of this map", found: "id \(id)")
    }
    observations.async {
      self.state.withLock { $0.entries[id].observe(quality: quality) }
    }
  }

  /// Waits until every observation so far has been counted.
  public func settle() { observations.sync {} }
}
