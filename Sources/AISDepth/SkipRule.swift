/// The measured costs of skipping layers, for one kind of prompt.
///
/// Each cost is KL(base‖skip) of the next token, in nats.
public struct SkipCosts: Sendable, Equatable {
  /// The cost of skipping each layer alone.
  ///
  /// Shape: [layers].
  public let layers: [Double]
  /// The cost of skipping whole runs of layers.
  public let runs: [LayerRun: Double]

  /// Costs from their parts.
  public init(layers: [Double], runs: [LayerRun: Double] = [:]) {
    self.layers = layers
    self.runs = runs
  }
}

/// Chooses the layers that a plan skips by their costs.
///
/// A cost is that of skipping one part alone. Skipping several parts may cost more or less than the
/// sum.
public enum SkipRule: Sendable, Equatable {
  /// Every layer whose cost is at most this, in nats.
  case threshold(Double)
  /// This many layers, those of least cost.
  case budget(Int)
  /// Cuts all layers into `of` runs, and chooses this many runs of least cost.
  case groups(Int, of: Int)
  /// These layers, at any cost.
  case layers([Int])

  /// Whether the choice depends on costs.
  public var dependsOnCosts: Bool {
    if case .layers = self { return false }
    return true
  }

  /// The chosen layers, ascending, none before `first`.
  ///
  /// - Throws: `RequestError` if fewer layers or groups may be skipped than the rule asks for, if a
  ///   group's cost was not measured, or if a listed layer may not be skipped.
  public func layers(costs: SkipCosts, from first: Int) throws -> [Int] {
    let eligible = first..<max(first, costs.layers.count)
    switch self {
    case .threshold(let nats):
      return eligible.filter { costs.layers[$0] <= nats }
    case .budget(let count):
      guard (0...eligible.count).contains(count) else {
        throw RequestError(
          "layers to skip",
          expected: "0 to \(eligible.count), those after layer \(first - 1)", found: "\(count)")
      }
      // Of equal costs the later layer is chosen, because fewer layers follow it.
      return eligible.sorted { (costs.layers[$0], -$0) < (costs.layers[$1], -$1) }
        .prefix(count).sorted()
    case .groups(let count, of: let total):
      return try cheapestGroups(count, of: total, costs: costs, from: first)
    case .layers(let list):
      if let wrong = list.first(where: { !eligible.contains($0) }) {
        throw RequestError(
          "layers to skip",
          expected: "layers from \(first) to \(costs.layers.count - 1)", found: "\(wrong)")
      }
      return Set(list).sorted()
    }
  }

  private func cheapestGroups(
    _ count: Int, of total: Int, costs: SkipCosts, from first: Int
  ) throws -> [Int] {
    let groups = try LayerRun.partition(layerCount: costs.layers.count, into: total)
      .filter { $0.first >= first }
    guard (0...groups.count).contains(count) else {
      throw RequestError(
        "groups to skip",
        expected: "0 to \(groups.count), groups of \(total) after layer \(first - 1)",
        found: "\(count)")
    }
    let priced = try groups.map { group in
      guard let cost = costs.runs[group] else {
        throw RequestError(
          "group \(group.text) of \(total)", expected: "its measured cost",
          found: "none; the ablation measured other groups")
      }
      return (group: group, cost: cost)
    }
    return priced.sorted { ($0.cost, -$0.group.first) < ($1.cost, -$1.group.first) }
      .prefix(count).flatMap { Array($0.group.layers) }.sorted()
  }
}

/// How a chosen layer is skipped.
public enum SkipStyle: Sendable, Equatable {
  /// The layer does not run.
  case hard
  /// The layer is blended with its input: h ← α·block(h) + (1 − α)·h.
  case soft(alpha: Float)

  /// The plan that skips these layers in this way.
  ///
  /// - Throws: `RequestError` for an α outside 0…1.
  public func plan(_ layers: some Sequence<Int>) throws -> DepthPlan {
    switch self {
    case .hard: try .skipping(layers)
    case .soft(let alpha): try .blending(layers, alpha: alpha)
    }
  }
}
