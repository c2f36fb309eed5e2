/// One step of a pass: its layer, and where its keys and values lie.
public struct Step: Sendable, Hashable {
  /// Its place in the pass, from 0.
  public let index: Int
  /// The layer, 0-based.
  public let layer: Int
  /// The cache slot of its keys and values: a layer that runs twice in a pass has two.
  public let cacheSlot: Int

  /// A step from its parts.
  public init(index: Int, layer: Int, cacheSlot: Int) {
    self.index = index
    self.layer = layer
    self.cacheSlot = cacheSlot
  }
}

/// The layers of a pass in the order in which it reaches them.
///
/// Usually each layer once. The path `0-15,12-15,16-29` runs layers 12 to 15 twice. The second time
/// they have cache slots of their own.
public struct LayerPath: Sendable, Hashable {
  /// The layers in order; `nil`: each layer of the model once.
  public let layers: [Int]?

  /// Each layer once.
  public static let once = LayerPath(layers: nil)

  private init(layers: [Int]?) { self.layers = layers }

  /// These layers, in this order.
  ///
  /// - Throws: `RequestError` for an empty list or a negative layer.
  public init(_ layers: [Int]) throws {
    guard !layers.isEmpty else {
      throw RequestError("path", expected: "at least one layer", found: "none")
    }
    if let wrong = layers.first(where: { $0 < 0 }) {
      throw RequestError("path", expected: "layers from 0 on", found: "\(wrong)")
    }
    self.init(layers: layers)
  }

  /// The steps in a model of `layerCount` layers.
  ///
  /// A layer's first step uses the slot of its own index. Later steps use slots from `layerCount` on.
  public func steps(of layerCount: Int) -> [Step] {
    guard let layers else {
      return (0..<layerCount).map { Step(index: $0, layer: $0, cacheSlot: $0) }
    }
    var (seen, nextSlot) = (Set<Int>(), layerCount)
    return layers.enumerated().map { index, layer in
      let isFirst = seen.insert(layer).inserted
      defer { if !isFirst { nextSlot += 1 } }
      return Step(index: index, layer: layer, cacheSlot: isFirst ? layer : nextSlot)
    }
  }

  /// Cache slots that it needs in a model of `layerCount` layers; at least one for each layer.
  public func slotCount(of layerCount: Int) -> Int {
    guard let layers else { return layerCount }
    return layerCount + layers.count - Set(layers).count
  }

  /// The first step that differs from a path that runs each layer once; `nil` if no step of this
  /// path does.
  var firstDetour: Int? {
    guard let layers else { return nil }
    return layers.indices.first { layers[$0] != $0 }
  }

  /// - Throws: `RequestError` for a layer that the model does not have.
  func validate(layerCount: Int) throws {
    if let beyond = layers?.first(where: { $0 >= layerCount }) {
      throw RequestError(
        "path", expected: "layers 0 to \(layerCount - 1)", found: "layer \(beyond)")
    }
  }
}
