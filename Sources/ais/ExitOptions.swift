import AISHarness
import AISKit
import ArgumentParser

/// Options of token exit, by trained exit routers or by a rule that needs no training.
struct ExitOptions: ParsableArguments {
  @Option(help: "A file of exit routers, which decide where each token exits.")
  var router: String?
  @Option(
    help: ArgumentHelp(
      "A rule instead of routers: margin=0.9 (a layer's own readout has its best token lead by more) or "
        + "change=0.05 (a layer changes the state by less, as a share of its length).",
      valueName: "name=number"))
  var exitRule: String?
  @Option(
    help: ArgumentHelp(
      "Bridges that map the states of tokens that exited to the final state before the readout.",
      valueName: "file"))
  var exitBridges: String?
  @Option(help: "A token exits if its score is above this. (default: the router file's)")
  var exitThreshold: Double?
  @Option(help: "Layers that run before a token may exit. (default: the router file's)")
  var minLayers: Int?
  @Option(
    help: ArgumentHelp(
      "What the cache holds for layers that a token did not run: project, hole, zero. "
        + "(default: the router file's)"))
  var kvFill: KVFill?
  @Option(
    help: ArgumentHelp(
      "Share of a batch that must have exited before it is made smaller. "
        + "(default: the router file's)"))
  var compactionThreshold: Double?

  func validate() throws {
    let ofRouters = [
      ("--exit-bridges", exitBridges != nil), ("--exit-threshold", exitThreshold != nil),
    ].filter(\.1).map(\.0)
    let ofBoth = [
      ("--min-layers", minLayers != nil), ("--kv-fill", kvFill != nil),
      ("--compaction-threshold", compactionThreshold != nil),
    ].filter(\.1).map(\.0)
    if router != nil, exitRule != nil {
      throw ValidationError("--router and --exit-rule: expected one of them")
    }
    if router == nil, let first = ofRouters.first {
      throw ValidationError("\(first) means something with --router only")
    }
    if router == nil, exitRule == nil, let first = ofBoth.first {
      throw ValidationError("\(first) means something with --router or --exit-rule only")
    }
    if let exitRule, UntrainedExit(exitRule) == nil {
      throw ValidationError(
        "--exit-rule: expected margin=NUMBER or change=NUMBER, found '\(exitRule)'")
    }
    if let exitThreshold, !(exitThreshold >= 0 && exitThreshold.isFinite) {
      throw ValidationError("--exit-threshold \(exitThreshold): expected a number of at least 0")
    }
    if let minLayers, minLayers < 0 {
      throw ValidationError("--min-layers \(minLayers): expected at least 0")
    }
    if let compactionThreshold, !(compactionThreshold >= 0) {
      throw ValidationError("--compaction-threshold \(compactionThreshold): expected at least 0")
    }
  }

  /// Whether tokens may exit.
  var isGiven: Bool { router != nil || exitRule != nil }

  /// The policy, or `nil` if neither routers nor a rule were named.
  ///
  /// - Throws: `CheckpointError`, `ForeignArtefactError`, `RequestError`, also if the file's own
  ///   threshold was chosen for another readout, `EngineError`.
  func policy(
    for loaded: LoadedModel, plan: DepthPlan, _ foreign: ForeignOptions
  ) throws -> TokenExit? {
    if let exitRule, let named = UntrainedExit(exitRule) {
      return try TokenExit(
        rule: named.rule, configuration: overriding(TokenExitConfiguration()), plan: plan)
    }
    guard let router else { return nil }
    let model = loaded.decoder
    _ = try loaded.check(ModelArtefact(kind: "routers", path: router), foreign)
    let routers = try TokenRouters(path: router)
    var exit = try TokenExit(
      routers: routers, model: model, configuration: overriding(routers.configuration), plan: plan)
    if let exitBridges {
      _ = try loaded.check(ModelArtefact(kind: "bridges", path: exitBridges), foreign)
      let bridges = try ExitBridges(
        Bridges(path: exitBridges, layerCount: model.config.layerCount), model)
      try bridges.validate(after: routers.layers.filter { $0 < model.config.layerCount - 1 })
      exit.exitBridges = bridges
    }
    let readout: ExitReadout = exitBridges == nil ? .head : .bridge
    if exitThreshold == nil, routers.readout != readout {
      throw RequestError(
        "\(router), threshold",
        expected: "--exit-threshold, or tokens read out as when it was chosen: "
          + (routers.readout == .bridge ? "with --exit-bridges" : "without --exit-bridges"),
        found: "readout by \(readout.rawValue)")
    }
    return exit
  }

  /// Settings, overridden by the options that were given.
  private func overriding(_ settings: TokenExitConfiguration) -> TokenExitConfiguration {
    var configuration = settings
    if let exitThreshold { configuration.exitThreshold = exitThreshold }
    if let minLayers { configuration.minLayers = minLayers }
    if let kvFill { configuration.kvCacheStrategy = kvFill }
    if let compactionThreshold { configuration.compactionThreshold = compactionThreshold }
    return configuration
  }
}
