/// A bridge packed for a model's device: a residual map.
///
/// Two packed bridges are equal if their bridges and models are.
public final class PackedBridge: ResidualMap {
  /// The unpacked numbers.
  public let bridge: Bridge
  /// The down-projection of the block before the run.
  let graft: PackedGraft?
  private let model: ObjectIdentifier
  private let map: LinearMap?
  private let firstShift: StateVector?

  /// Packs a bridge.
  ///
  /// - Throws: `RequestError` if it does not fit the model, or grafts on a block whose feed-forward
  ///   half is a mixture or is followed by a norm; `EngineError`.
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
    // Without a map, the bias is added by the grafted matrix.
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

  /// Weights that its products read at each use.
  public var parameterCount: Int { bridge.parameters }

  /// h ← h + W·h + c; at position 0 as `firstPosition` says.
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

  /// True for equal bridges packed for one model.
  public static func == (left: PackedBridge, right: PackedBridge) -> Bool {
    left.model == right.model && left.bridge == right.bridge
  }

  /// Hashes the model and the run only, because bridges are large.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    hasher.combine(bridge.run)
  }
}

extension DepthPlan {
  /// The bridges that replace layers, ordered by layer.
  public var bridges: [Bridge] { maps.compactMap { ($0 as? PackedBridge)?.bridge } }
}
