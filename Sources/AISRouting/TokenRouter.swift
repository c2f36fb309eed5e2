/// A small network that scores whether a row may exit after a layer, from the layer's output.
///
/// score = sigmoid(up · SiLU(down · norm(h))), where norm is the model's final norm and h the
/// layer's output. There are no biases. Source: TIDE's router.
public struct TokenRouter: Sendable, Equatable {
  /// The layer whose output it scores.
  public let layer: Int
  /// Width of the residual stream.
  public let width: Int
  /// Width of the hidden layer.
  public let bottleneck: Int
  /// Shape: [bottleneck, width].
  public var down: [Float]
  /// Shape: [bottleneck].
  public var up: [Float]

  /// A router from its weights.
  public init(layer: Int, width: Int, down: [Float], up: [Float]) {
    precondition(width > 0 && !up.isEmpty && down.count == up.count * width, "shapes that fit")
    self.layer = layer
    self.width = width
    bottleneck = up.count
    self.down = down
    self.up = up
  }
}

/// The exit routers of one model, and their settings.
public struct TokenRouters: Sendable, Equatable {
  /// One router for each checkpoint, ordered by layer.
  public let routers: [TokenRouter]
  /// The settings.
  ///
  /// Settings that the file does not name have their defaults.
  public var configuration: TokenExitConfiguration
  /// How the routers were made, by name: labels, digests, the threshold's guarantee.
  public var notes: [String: String]

  /// Routers from their parts.
  ///
  /// - Throws: `RequestError` if two are for one layer, widths differ or there is none.
  public init(
    _ routers: [TokenRouter], configuration: TokenExitConfiguration = TokenExitConfiguration(),
    notes: [String: String] = [:]
  ) throws {
    guard let width = routers.first?.width else {
      throw RequestError("routers", expected: "at least one", found: "none")
    }
    let sorted = routers.sorted { $0.layer < $1.layer }
    for (first, second) in zip(sorted, sorted.dropFirst()) where first.layer == second.layer {
      throw RequestError("routers", expected: "one a layer", found: "two for layer \(first.layer)")
    }
    if let other = routers.first(where: { $0.width != width }) {
      throw RequestError(
        "router of layer \(other.layer)", expected: "width \(width), as the others",
        found: "\(other.width)")
    }
    self.routers = sorted
    self.configuration = configuration
    self.notes = notes
  }

  /// The layers that have a router, ascending.
  public var layers: [Int] { routers.map(\.layer) }

  /// Throws if the routers have another width than the model, or are for layers that it does not
  /// have.
  ///
  /// - Throws: `RequestError`.
  public func validate(for config: ModelConfig) throws {
    guard let width = routers.first?.width, width == config.hiddenSize else {
      throw RequestError(
        "routers", expected: "width \(config.hiddenSize), the model's",
        found: "\(routers.first?.width ?? 0)")
    }
    if let last = layers.last, last >= config.layerCount {
      throw RequestError(
        "routers", expected: "layers 0 to \(config.layerCount - 1)", found: "layer \(last)")
    }
  }
}
