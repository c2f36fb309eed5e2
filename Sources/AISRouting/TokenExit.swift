/// Token exit: after some layers a rule decides which rows exit.
///
/// No later layer computes them.
///
/// The logits of an exited row come from the readout of its state, directly or after an exit
/// bridge. Decisions are made in layer order; there is none after the last layer. The `fill` says
/// what the KV cache holds for a row in the layers that it did not run.
public struct TokenExit: DepthPolicy {
  /// The action at each layer, before rows exit after it; `nil` if all layers run.
  public let plan: DepthPlan?
  /// Bridges from the state with which a row exited to the final state, applied before the readout;
  /// `nil`: the state is read out unchanged.
  public var exitBridges: ExitBridges?
  private let settings: RowExit

  /// Rows exit by a rule.
  ///
  /// - Parameters:
  ///   - rule: decides which rows exit.
  ///   - configuration: depth, compaction and fill.
  ///   - plan: the action at each layer.
  /// - Throws: `RequestError` for settings out of range.
  public init(
    rule: any ExitRule, configuration: TokenExitConfiguration = TokenExitConfiguration(),
    plan: DepthPlan = .full
  ) throws {
    try configuration.validate()
    self.plan = plan
    settings = RowExit(
      rule: rule, fill: configuration.kvCacheStrategy, minLayers: configuration.minLayers,
      compactionThreshold: configuration.compactionThreshold)
  }

  /// Rows exit if their router's score is above the threshold.
  ///
  /// - Parameters:
  ///   - routers: trained for this model.
  ///   - model: packs them for its device.
  ///   - configuration: threshold, depth, compaction and fill; by default the routers' own.
  ///   - plan: the action at each layer.
  /// - Throws: `RequestError` if routers or settings do not fit the model, `EngineError`.
  public init(
    routers: TokenRouters, model: DecoderModel, configuration: TokenExitConfiguration? = nil,
    plan: DepthPlan = .full
  ) throws {
    let configuration = configuration ?? routers.configuration
    try configuration.validate()
    try self.init(
      rule: RouterExit(routers, above: configuration.exitThreshold, model: model),
      configuration: configuration, plan: plan)
  }

  /// Rows exit by a schedule that is known before the pass, after some layers (`nil`: any).
  ///
  /// - Throws: `RequestError` for settings out of range.
  public init(
    after layers: Set<Int>? = nil, schedule: @escaping ScheduledExit.Schedule,
    configuration: TokenExitConfiguration = TokenExitConfiguration(), plan: DepthPlan = .full
  ) throws {
    try self.init(
      rule: ScheduledExit(after: layers, schedule), configuration: configuration, plan: plan)
  }

  /// What the KV cache holds for a row in the layers that it did not run.
  public var fill: KVFill { settings.fill }

  /// A row may exit after layer ℓ only if ℓ + 1 is at least this.
  public var minLayers: Int { settings.minLayers }

  /// The settings for the forward loop.
  public var rowExit: RowExit? {
    var settings = settings
    settings.exitMaps = exitBridges?.maps ?? [:]
    return settings
  }
}
