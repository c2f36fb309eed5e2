/// Token exit: after some layers, each row that may exits the pass, and no later layer computes it.
///
/// A row that exited is read out by the final norm and the head, as it is or after an exit bridge. Decisions
/// are made in layer order; there is none after the last layer. The `fill` says what the layers that a row
/// did not run hold for it in the KV cache.
public struct TokenExit: DepthPolicy {
  /// What happens at each layer, before rows exit after it.
  public let plan: DepthPlan?
  /// What takes the state with which a row exited to the final state before it is read out; `nil`: it is
  /// read out as it is.
  public var exitBridges: ExitBridges?
  private let settings: RowExit

  /// Exit by a rule.
  ///
  /// - Parameters:
  ///   - rule: decides which rows exit.
  ///   - configuration: depth, compaction and fill.
  ///   - plan: what happens at each layer besides.
  /// - Throws: `RequestError` for settings without meaning.
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

  /// Exit by routers: a row exits if its score is above the threshold.
  ///
  /// - Parameters:
  ///   - routers: trained for this model.
  ///   - model: packs them for its device.
  ///   - configuration: threshold, depth, compaction and fill; the routers' own unless given.
  ///   - plan: what happens at each layer besides.
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

  /// Exits that are known beforehand.
  ///
  /// - Throws: `RequestError` for settings without meaning.
  public init(
    schedule: @escaping ScheduledExit.Schedule,
    configuration: TokenExitConfiguration = TokenExitConfiguration(), plan: DepthPlan = .full
  ) throws {
    try self.init(rule: ScheduledExit(schedule), configuration: configuration, plan: plan)
  }

  /// What the layers that a row did not run hold for it.
  public var fill: KVFill { settings.fill }

  /// A row may exit after layer ℓ only if ℓ + 1 is at least this.
  public var minLayers: Int { settings.minLayers }

  /// How rows exit, as the loop takes it.
  public var rowExit: RowExit? {
    var settings = settings
    settings.exitMaps = exitBridges?.maps ?? [:]
    return settings
  }
}
