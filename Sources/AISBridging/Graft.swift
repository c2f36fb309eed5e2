/// Another down-projection for a block that runs.
///
/// A linear map of the down-projection's input can so be added at no cost.
public struct Graft: Sendable, Hashable {
  /// The block.
  public let layer: Int
  /// Shape: [width, intermediate], outputs first.
  public let down: [Float]
  /// Added to the bias of the block's own down-projection.
  ///
  /// Shape: [width].
  public let bias: [Float]

  /// A graft from its parts.
  ///
  /// - Throws: `RequestError` if shapes do not fit or numbers are not finite.
  public init(layer: Int, down: [Float], bias: [Float]) throws {
    guard layer >= 0, !bias.isEmpty, !down.isEmpty, down.count.isMultiple(of: bias.count),
      down.allSatisfy(\.isFinite), bias.allSatisfy(\.isFinite)
    else {
      throw RequestError(
        "graft on layer \(layer)", expected: "rows of \(bias.count) outputs, finite",
        found: "others")
    }
    self.layer = layer
    self.down = down
    self.bias = bias
  }

  /// Width of the residual stream.
  public var width: Int { bias.count }
}

/// A graft packed for a model's device: a residual map that runs the block with the other
/// down-projection.
///
/// Two packed grafts are equal if their grafts and models are.
public final class PackedGraft: ResidualMap {
  /// The unpacked numbers.
  public let graft: Graft
  private let model: ObjectIdentifier
  private let down: LinearMap

  /// Packs a graft.
  ///
  /// - Throws: `RequestError` if it does not fit the model, or if the block's feed-forward half is
  ///   a mixture or is followed by a norm; `EngineError`.
  public init(_ graft: Graft, _ model: DecoderModel) throws {
    let config = model.config
    let name = "graft on layer \(graft.layer)"
    guard graft.width == config.hiddenSize,
      graft.down.count == config.hiddenSize * config.intermediateSize
    else {
      throw RequestError(
        name, expected: "\(config.hiddenSize) by \(config.intermediateSize) numbers, the model's",
        found: "\(graft.width) by \(graft.down.count / graft.width)")
    }
    guard model.canGraft(on: graft.layer), let own = model.downProjection(of: graft.layer) else {
      throw RequestError(
        name,
        expected:
          "one of \(config.layerCount) layers, its feed-forward network dense and without a "
          + "norm after it", found: "another block")
    }
    var bias = graft.bias
    if let ownBias = own.bias { for place in bias.indices { bias[place] += ownBias[place] } }
    self.graft = graft
    self.model = ObjectIdentifier(model)
    down = try LinearMap(
      graft.down, outputs: config.hiddenSize, inputs: config.intermediateSize, bias: bias,
      for: model)
  }

  /// "graft".
  public var kind: String { "graft" }

  /// The layer that it changes.
  public var run: LayerRun { LayerRun(graft.layer, graft.layer) }

  /// It runs both halves of the block.
  public var parts: BlockParts { .both }

  /// Runs the block with the graft's down-projection.
  public func apply(to states: StateRows) throws { try states.runBlock(.both, down: down) }

  /// True for equal grafts packed for one model.
  public static func == (left: PackedGraft, right: PackedGraft) -> Bool {
    left.model == right.model && left.graft == right.graft
  }

  /// Hashes the model and the layer only, because grafts are large.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    hasher.combine(graft.layer)
  }
}
