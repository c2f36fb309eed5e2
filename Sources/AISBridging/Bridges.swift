/// Bridges of one model, each over a run of layers, with notes on how they were made.
public struct Bridges: Sendable, Equatable {
  /// Ordered by layer.
  public let bridges: [Bridge]
  /// How the bridges were made, by name: digests, tokens, penalties, errors.
  public var notes: [String: String]

  /// Bridges from their parts.
  ///
  /// Bridges may replace the same layers, as alternatives. Only bridges of one plan must not.
  ///
  /// - Throws: `RequestError` if there is none, widths differ or two are over one run.
  public init(_ bridges: [Bridge], notes: [String: String] = [:]) throws {
    guard let width = bridges.first?.width else {
      throw RequestError("bridges", expected: "at least one", found: "none")
    }
    let sorted = bridges.sorted {
      ($0.run.first, $0.run.last) < ($1.run.first, $1.run.last)
    }
    for (first, second) in zip(sorted, sorted.dropFirst()) {
      guard first.width == second.width else {
        throw RequestError(
          "bridge \(second.run.text)", expected: "width \(width), as the others",
          found: "\(second.width)")
      }
      guard first.run != second.run else {
        throw RequestError("bridges", expected: "one a run", found: "two over \(first.run.text)")
      }
    }
    self.bridges = sorted
    self.notes = notes
  }

  /// The bridge over a run, if there is one.
  public subscript(run: LayerRun) -> Bridge? { bridges.first { $0.run == run } }

  /// The actions of a plan that uses all of these bridges, by layer.
  ///
  /// - Throws: `RequestError` if they don't fit the model, two replace one layer, or a graft is on
  ///   a block that another bridge replaces; `EngineError`.
  func actions(for model: DecoderModel) throws -> [Int: LayerAction] {
    for (first, second) in zip(bridges, bridges.dropFirst())
    where first.run.last >= second.firstChangedLayer {
      throw RequestError(
        "bridge \(second.run.text)",
        expected: "layers from \(first.run.last + 1) on, after bridge \(first.run.text)",
        found: second.graft == nil
          ? "layer \(second.run.first)"
          : "layer \(second.firstChangedLayer), whose down-projection it replaces")
    }
    var actions: [Int: LayerAction] = [:]
    for bridge in bridges {
      let packed = try PackedBridge(bridge, model)
      for layer in bridge.run.layers { actions[layer] = .skip }
      actions[bridge.run.first] = .replace(packed)
      if let graft = packed.graft { actions[graft.graft.layer] = .replace(graft) }
    }
    return actions
  }

  /// The plan that replaces layers by all of these bridges and runs the other layers.
  ///
  /// - Throws: as `DepthPlan.adding`.
  public func plan(for model: DecoderModel) throws -> DepthPlan {
    try DepthPlan.full.adding(self, model)
  }
}

extension DepthPlan {
  /// The plan with bridges over layers that it runs unchanged.
  ///
  /// - Throws: `RequestError` if bridges don't fit the model, or replace or graft on a layer that
  ///   the plan or another bridge changes; `EngineError`.
  public func adding(_ bridges: Bridges, _ model: DecoderModel) throws -> DepthPlan {
    let actions = try bridges.actions(for: model)
    if let layer = actions.keys.filter({ self[$0] != .run }).min() {
      throw RequestError(
        "layer \(layer)", expected: "one action", found: "a bridge and another action")
    }
    return try adding(actions)
  }
}
