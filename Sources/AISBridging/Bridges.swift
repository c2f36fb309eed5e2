/// Bridges of one model, each over a run of layers, and how they were made.
public struct Bridges: Sendable, Equatable {
  /// By rising layer.
  public let bridges: [Bridge]
  /// What the file tells of their making, by name: digests, tokens, regularisation, errors.
  public var notes: [String: String]

  /// Bridges from their parts.
  ///
  /// They may stand for the same layers, as alternatives do: only those that one plan crosses must not.
  ///
  /// - Throws: `RequestError` where there is none, widths differ or two are over one run.
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

  /// What a plan that crosses all of them does at each layer that it changes.
  ///
  /// - Throws: `RequestError` where they are another model's, two stand for one layer, or a graft is on a
  ///   block that another bridge leaves out; `EngineError`.
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

  /// The plan that leaves out the bridges' layers and runs the others.
  ///
  /// - Throws: as `DepthPlan.adding`.
  public func plan(for model: DecoderModel) throws -> DepthPlan {
    try DepthPlan.full.adding(self, model)
  }
}

extension DepthPlan {
  /// The plan with bridges over layers that it runs as they are.
  ///
  /// - Throws: `RequestError` where bridges are another model's, stand for a layer that the plan or another
  ///   of them changes, or graft on one; `EngineError`.
  public func adding(_ bridges: Bridges, _ model: DecoderModel) throws -> DepthPlan {
    let actions = try bridges.actions(for: model)
    if let layer = actions.keys.filter({ self[$0] != .run }).min() {
      throw RequestError(
        "layer \(layer)", expected: "one action", found: "a bridge's beside another")
    }
    return try adding(actions)
  }
}
