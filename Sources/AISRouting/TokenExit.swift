/// Token exit: behind some layers, each row that may leaves the pass, and no later layer computes it.
///
/// A row that leaves is read out by the final norm and the head, as it is or behind an exit bridge. Decisions are made in layer
/// order; the last layer is no checkpoint. What the layers that it did not run hold for it in the KV
/// cache is the `fill`.
public struct TokenExit: DepthPolicy {
  /// What happens at each layer, before anybody leaves behind it.
  public let plan: DepthPlan
  /// What later layers' caches hold for a row that left.
  public let fill: KVFill
  /// A row may leave behind layer ℓ only when ℓ + 1 is at least this.
  public let minLayers: Int
  /// The share of the rows computed that must have left before they are taken out of the batch.
  public let compactionThreshold: Double
  /// What takes the state with which a row left to the final state before it is read out; `nil`: it is
  /// read out as it is.
  public var exitBridges: ExitBridges?
  private let decision: Decision

  private enum Decision: Sendable {
    case routers(PackedRouters, layers: Set<Int>, threshold: Float)
    case schedule(Schedule)
  }

  /// Whether the row at a position of a sequence leaves behind a layer, known beforehand.
  public typealias Schedule = @Sendable (_ layer: Int, _ sequence: Int, _ position: Int) -> Bool

  /// Exit by routers: a row leaves where its score is above the threshold.
  ///
  /// - Parameters:
  ///   - routers: trained for this model.
  ///   - model: packs them for its backend.
  ///   - configuration: threshold, depth, compaction and fill; the routers' own unless given.
  ///   - plan: what happens at each layer besides.
  /// - Throws: `DepthError` where routers or settings do not fit the model, `EngineError`.
  public init(
    routers: TokenRouters, model: DecoderModel, configuration: TokenExitConfiguration? = nil,
    plan: DepthPlan = .full
  ) throws {
    try routers.validate(for: model.config)
    let configuration = configuration ?? routers.configuration
    try configuration.validate()
    self.init(
      .routers(
        try PackedRouters(routers, backend: model.backend), layers: Set(routers.layers),
        threshold: Float(configuration.exitThreshold)),
      configuration, plan)
  }

  /// Exits that are known beforehand: an oracle's, or those of an experiment.
  ///
  /// - Throws: `DepthError` for settings without meaning.
  public init(
    schedule: @escaping Schedule, configuration: TokenExitConfiguration = TokenExitConfiguration(),
    plan: DepthPlan = .full
  ) throws {
    try configuration.validate()
    self.init(.schedule(schedule), configuration, plan)
  }

  private init(_ decision: Decision, _ configuration: TokenExitConfiguration, _ plan: DepthPlan) {
    self.decision = decision
    self.plan = plan
    fill = configuration.kvCacheStrategy
    minLayers = configuration.minLayers
    compactionThreshold = configuration.compactionThreshold
  }

  /// The plan's action.
  public func action(layer: Int, hidden: borrowing HiddenStates) -> LayerAction { plan[layer] }

  /// - Throws: as the plan, and `DepthError` where the routers are another model's.
  public func validate(for config: ModelConfig, from firstLayer: Int) throws {
    try plan.validate(for: config, from: firstLayer)
    if case .routers(let routers, _, _) = decision { try routers.validate(for: config) }
  }

  /// Itself.
  public var tokenExit: TokenExit? { self }

  /// True where rows may leave behind the layer of a model of so many.
  func mayLeave(behind layer: Int, of layerCount: Int) -> Bool {
    guard layer + 1 >= minLayers, layer < layerCount - 1 else { return false }
    switch decision {
    case .routers(_, let layers, _): return layers.contains(layer)
    case .schedule: return true
    }
  }

  /// The rows of the workspace that leave behind a layer.
  ///
  /// - Throws: `EngineError`, and what the observer throws, which is told the scores.
  func leavingRows(
    behind layer: Int, _ workspace: Workspace, _ exit: Exit, _ observer: (any ForwardObserver)?
  ) throws -> [Int] {
    let rows = workspace.passRows
    switch decision {
    case .schedule(let leaves):
      return (0..<rows.count).filter { row in
        let place = rows.place(ofBatchRow: rows.batchRows[row])
        return !rows.hasLeft[row] && leaves(layer, place.sequence, place.position)
      }
    case .routers(let routers, _, let threshold):
      guard let scores = try routers.scores(behind: layer, workspace, exit) else { return [] }
      try observer?.scored(layer: layer, rows: rows.batchRows, scores: scores)
      return (0..<rows.count).filter { !rows.hasLeft[$0] && scores[$0] > threshold }
    }
  }
}
