/// A bridge packed for the device of the model that crosses it: a residual map.
///
/// Two are equal if the bridges and the models are.
public final class PackedBridge: ResidualMap {
  /// What is packed.
  public let bridge: Bridge
  /// What the block before the run runs with.
  let graft: PackedGraft?
  private let model: ObjectIdentifier
  private let map: LinearMap?
  private let firstShift: StateVector?

  /// Packs a bridge.
  ///
  /// - Throws: `RequestError` if it is another model's, or grafts on a block whose feed-forward
  ///   network is a mixture or is followed by a norm; `EngineError`.
  public init(_ bridge: Bridge, _ model: DecoderModel) throws {
    try Self.validate(bridge, model.config)
    self.bridge = bridge
    self.model = ObjectIdentifier(model)
    let width = bridge.width
    switch bridge.map {
    case .none: map = nil
    case .full(let values):
      map = try LinearMap(values, outputs: width, inputs: width, bias: bridge.bias, for: model)
    case .factors(let up, let down, let rank):
      map = try LinearMap(
        up: up, down: down, rank: rank, width: width, bias: bridge.bias, for: model)
    }
    if case .shifted(let shift) = bridge.firstPosition {
      firstShift = StateVector(shift, for: model)
    } else {
      firstShift = nil
    }
    // Without a map, the bias is the grafted matrix's.
    let noBias = [Float](repeating: 0, count: width)
    graft = try bridge.graft.map { down in
      try PackedGraft(
        Graft(
          layer: bridge.run.first - 1, down: down, bias: bridge.map == .none ? bridge.bias : noBias),
        model)
    }
  }

  /// "bridge".
  public var kind: String { "bridge" }

  /// The layers that the bridge replaces.
  public var run: LayerRun { bridge.run }

  /// Numbers that its products read at each use.
  public var parameterCount: Int { bridge.parameters }

  /// h ← h + W·h + c, but at position 0 what the bridge adds there.
  public func apply(to states: StateRows) throws {
    func add() throws { if let map { try states.add(map) } }
    guard let firstShift else { return try add() }
    try states.exceptFirst(adding: firstShift, add)
  }

  private static func validate(_ bridge: Bridge, _ config: ModelConfig) throws {
    let name = "bridge \(bridge.run.text)"
    guard bridge.width == config.hiddenSize else {
      throw RequestError(
        name, expected: "width \(config.hiddenSize), the model's", found: "\(bridge.width)")
    }
    guard bridge.run.last < config.layerCount else {
      throw RequestError(
        name, expected: "layers 0 to \(config.layerCount - 1)", found: "layer \(bridge.run.last)")
    }
  }

  /// True of packings of equal bridges for one model.
  public static func == (left: PackedBridge, right: PackedBridge) -> Bool {
    left.model == right.model && left.bridge == right.bridge
  }

  /// Of the run alone: bridges are large.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    hasher.combine(bridge.run)
  }
}

extension DepthPlan {
  /// The bridges that replace layers, by rising layer.
  public var bridges: [Bridge] { maps.compactMap { ($0 as? PackedBridge)?.bridge } }

  /// Layers that run with another down-projection, ascending.
  public var graftedLayers: [Int] { maps.compactMap { ($0 as? PackedGraft)?.graft.layer } }
}
