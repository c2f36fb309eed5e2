import AISKit

extension Workbench {
  /// Plans that leave layers out as the user asked.
  ///
  /// In bridge mode a bridge replaces each run of layers. Each is fitted in float32 to prompts of
  /// the calibration split, independently of the others, and kept in the cache.
  ///
  /// - Parameters:
  ///   - sets: the layers that each plan leaves out.
  ///   - depth: how they are left out.
  ///   - language: the model that the plans are for.
  /// - Returns: a plan for each set.
  /// - Throws: `RequestError`, what fitting and reading the data throw.
  public func plans(
    leavingOut sets: [[Int]], _ depth: DepthOptions, _ language: LanguageModel
  ) throws -> [DepthPlan] {
    if let style = depth.style { return try sets.map(style.plan) }
    let runs = sets.map { LayerRun.runs(of: $0) }
    let bridges = try progress.during(BridgeStore.part) {
      try BridgeStore(maps: mapStore).bridges(
        over: Array(Set(runs.joined())), for: language, float32: { try float32(of: language) },
        say: say)
    }.result
    return try runs.map { runs in
      guard !runs.isEmpty else { return .full }
      return try Bridges(runs.compactMap { bridges[$0] }).plan(for: language.decoder)
    }
  }

  /// The bridges that take states from after a layer to the final state before the readout; `nil`
  /// if the user asked for the head alone.
  ///
  /// They are fitted in float32 to prompts of the calibration split, some of which are set aside to
  /// choose the penalty; so they see no other split. They are kept in the cache.
  ///
  /// - Parameters:
  ///   - layers: after which tokens may exit.
  ///   - options: how exited tokens are read out.
  ///   - language: the model in the run's number format.
  ///   - model: the model that computes with them; `nil` for `language`'s.
  /// - Returns: the bridges, packed for the model.
  /// - Throws: what fitting and reading the data throw; `RequestError` if no layer has another after
  ///   it.
  public func exitBridges(
    behind layers: [Int], _ options: ReadoutOptions, _ language: LanguageModel,
    on model: DecoderModel? = nil
  ) throws -> ExitBridges? {
    guard options.readout == .bridge else { return nil }
    let last = language.decoder.config.layerCount - 1
    let runs = Set(layers.filter { $0 < last }).sorted().map { LayerRun($0 + 1, last) }
    guard !runs.isEmpty else {
      throw RequestError(
        "--readout bridge", expected: "a layer to leave behind, before the last of \(last + 1)",
        found: "none")
    }
    let bridges = try progress.during(BridgeStore.part) {
      try BridgeStore(maps: mapStore, choice: .calibration).bridges(
        over: runs, for: language, float32: { try float32(of: language) }, say: say)
    }.result
    return try ExitBridges(
      Bridges(runs.compactMap { bridges[$0] }), model ?? language.decoder)
  }
}
