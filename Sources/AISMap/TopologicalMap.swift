import Dispatch
import FAISS
import Foundation
import Synchronization

/// A map of prompts by their hidden states.
///
/// The entries nearest to a probe give its category, and the category gives the importance of each
/// layer.
///
/// A probe is the hidden state after the pivot layer at a prompt's last token. Probes are compared
/// by cosine. A map is thread-safe: look-ups run in parallel, also while entries and observations
/// are added.
public final class TopologicalMap: Sendable {
  struct State {
    var index: (any VectorIndex)?
    var entries: [MapEntry] = []
    var importance: LayerImportance?
  }

  /// The categories, and the shape of probes.
  public let shape: MapShape
  let state: Mutex<State>
  /// Held while entries are added or read all together, so that index and entries agree.
  private let additions = NSLock()
  let observations = DispatchQueue(label: "ais.map.observations")

  /// The categories' names.
  ///
  /// Entries refer to them by index.
  public var categories: [String] { shape.categories }
  /// The layer whose output is the probe.
  public var pivot: Int { shape.pivot }
  /// Numbers in a probe.
  public var width: Int { shape.width }
  /// The number of the model's layers.
  public var layerCount: Int { shape.layerCount }

  /// A map without entries.
  public init(_ shape: MapShape) {
    self.shape = shape
    state = Mutex(State())
  }

  /// A map without entries.
  ///
  /// - Throws: `RequestError` if the arguments are out of range.
  public convenience init(
    categories: [String], pivot: Int, width: Int, layerCount: Int, kind: MapShape.Kind = .exact
  ) throws {
    self.init(
      try MapShape(
        categories: categories, pivot: pivot, width: width, layerCount: layerCount, kind: kind))
  }

  /// A map from its stored parts.
  ///
  /// - Throws: `RequestError` if the parts do not fit each other.
  package convenience init(
    _ shape: MapShape, index: any VectorIndex, entries: [MapEntry], importance: LayerImportance?
  ) throws {
    self.init(shape)
    guard index.dimension == shape.width, index.metric == .innerProduct else {
      throw RequestError(
        "map index", expected: "inner products of \(shape.width) floats",
        found: "\(index.metric) of \(index.dimension)")
    }
    guard index.count == entries.count else {
      throw RequestError(
        "map entries", expected: "\(index.count), as in the index", found: "\(entries.count)")
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

  /// The importance of each layer for each category; `nil` until it is set.
  public var importance: LayerImportance? { state.withLock { $0.importance } }

  /// Sets the importance of each layer for each category.
  ///
  /// - Throws: `RequestError` if the shape is not [categories, layers] of this map.
  public func setImportance(_ importance: LayerImportance?) throws(RequestError) {
    if let importance {
      guard importance.categoryCount == categories.count, importance.layerCount == layerCount
      else {
        throw RequestError(
          "map importance", expected: "\(categories.count) categories x \(layerCount) layers",
          found: "\(importance.categoryCount) x \(importance.layerCount)")
      }
    }
    state.withLock { $0.importance = importance }
  }

  /// Appends entries with their probes, which need not have unit length.
  ///
  /// An approximate map learns its lists from the first call. That call should add many entries,
  /// from the same distribution as later probes.
  ///
  /// Shape: `probes` is [entries, width], row-major.
  /// - Throws: `RequestError` naming the row of a probe that is zero or not finite, or of an entry that
  ///   does not fit this map; the map is then unchanged.
  public func add(probes: [Float], entries: [MapEntry]) throws {
    let unit = try MapProbes.normalized(probes, width: width)
    guard unit.count == entries.count * width else {
      throw RequestError(
        "map probes", expected: "\(entries.count), one for each entry",
        found: "\(unit.count / width)")
    }
    for (row, entry) in entries.enumerated() {
      try entry.check(row: row, categoryCount: categories.count)
    }
    if entries.isEmpty { return }
    try additions.withLock {
      let index = try state.withLock { $0.index } ?? makeIndex(sample: unit)
      // Entries are added first, so that a look-up that finds a probe also finds its entry.
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

  /// Runs `work` on a consistent state of index, entries and importance, with all earlier
  /// observations.
  ///
  /// Nothing is added while `work` runs.
  ///
  /// - Throws: `RequestError` if the map is empty, and what `work` throws.
  package func withParts<Result>(
    _ work: (any VectorIndex, [MapEntry], LayerImportance?) throws -> Result
  ) throws -> Result {
    settle()
    return try additions.withLock {
      let parts = state.withLock { $0 }
      guard let index = parts.index else {
        throw RequestError("map entries", expected: "at least one", found: "none")
      }
      return try work(index, parts.entries, parts.importance)
    }
  }
}
