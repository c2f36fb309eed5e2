import FAISS

/// The categories of a map, and the shape of the model's probes.
public struct MapShape: Sendable, Equatable {
  /// How a map searches for neighbours.
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The probe is compared with every entry.
    case exact
    /// The probe is compared only with entries in lists near it. The lists are learned from the first
    /// entries that are added.
    case approximate
  }

  /// The categories' names.
  ///
  /// Entries refer to them by index.
  public let categories: [String]
  /// The layer whose output is the probe.
  public let pivot: Int
  /// Numbers in a probe: the width of the residual stream.
  public let width: Int
  /// The number of the model's layers.
  public let layerCount: Int
  /// How the map searches for neighbours.
  public let kind: Kind

  /// A shape for a map.
  ///
  /// - Throws: `RequestError` if there is no category, two have one name, the pivot is not a layer of the
  ///   model, or the width is out of range.
  public init(
    categories: [String], pivot: Int, width: Int, layerCount: Int, kind: Kind = .exact
  ) throws(RequestError) {
    guard !categories.isEmpty, !categories.contains("") else {
      throw RequestError("map categories", expected: "one or more names", found: "\(categories)")
    }
    guard Set(categories).count == categories.count else {
      throw RequestError("map categories", expected: "different names", found: "\(categories)")
    }
    guard layerCount >= 1 else {
      throw RequestError("map layer count", expected: "1 or more", found: "\(layerCount)")
    }
    guard (0..<layerCount).contains(pivot) else {
      throw RequestError(
        "map pivot", expected: "a layer from 0 to \(layerCount - 1)", found: "\(pivot)")
    }
    guard (1...FlatIndex.maximumDimension).contains(width) else {
      throw RequestError(
        "map width", expected: "1 to \(FlatIndex.maximumDimension)", found: "\(width)")
    }
    self.categories = categories
    self.pivot = pivot
    self.width = width
    self.layerCount = layerCount
    self.kind = kind
  }
}
