/// What leaving out parts of the depth costs, as an ablation measured it for one kind of prompt.
///
/// Units: nats, KL(base‖skip).
public struct SkipCosts: Sendable, Equatable {
  /// The cost of leaving out each layer alone.
  ///
  /// Shape: [layers].
  public let layers: [Double]
  /// The cost of leaving out whole runs of layers.
  public let runs: [LayerRun: Double]

  /// Costs from their parts.
  public init(layers: [Double], runs: [LayerRun: Double] = [:]) {
    self.layers = layers
    self.runs = runs
  }
}

/// How the layers that a plan leaves out are chosen, from what leaving them out costs.
///
/// Costs are those of leaving one part out alone; several together cost more than their sum, or less.
public enum SkipRule: Sendable, Equatable {
  /// Every layer that costs no more than this alone, nats.
  case threshold(Double)
  /// So many layers, those that cost least alone.
  case budget(Int)
  /// So many groups, those that cost least as a whole, of depth cut into so many.
  case groups(Int, of: Int)
  /// These layers, whatever they cost.
  case layers([Int])

  /// Whether the choice depends on what leaving layers out costs.
  public var dependsOnCosts: Bool {
    if case .layers = self { return false }
    return true
  }

  /// The layers that the rule chooses, ascending, none before `first`.
  ///
  /// - Throws: `RequestError` where fewer layers or groups may be left out than the rule asks for, where
  ///   a group's cost was not measured, or where a listed layer may not be left out.
  public func layers(costs: SkipCosts, from first: Int) throws -> [Int] {
    let eligible = first..<max(first, costs.layers.count)
    switch self {
    case .threshold(let nats):
      return eligible.filter { costs.layers[$0] <= nats }
    case .budget(let count):
      guard (0...eligible.count).contains(count) else {
        throw RequestError(
          "layers to leave out",
          expected: "0 to \(eligible.count), those behind layer \(first - 1)", found: "\(count)")
      }
      // Equal costs: the later layer goes first, since less follows it.
      return eligible.sorted { (costs.layers[$0], -$0) < (costs.layers[$1], -$1) }
        .prefix(count).sorted()
    case .groups(let count, of: let total):
      return try cheapestGroups(count, of: total, costs: costs, from: first)
    case .layers(let list):
      if let wrong = list.first(where: { !eligible.contains($0) }) {
        throw RequestError(
          "layers to leave out",
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
        "groups to leave out",
        expected: "0 to \(groups.count), those of \(total) that lie behind layer \(first - 1)",
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

/// How a chosen layer is left out.
public enum SkipStyle: Sendable, Equatable {
  /// Not run.
  case hard
  /// Run and blended with its input: h ← α·block(h) + (1 − α)·h.
  case soft(alpha: Float)

  /// The plan that leaves out these layers so.
  ///
  /// - Throws: `RequestError` for an α outside 0…1.
  public func plan(_ layers: some Sequence<Int>) throws -> DepthPlan {
    switch self {
    case .hard: try .skipping(layers)
    case .soft(let alpha): try .blending(layers, alpha: alpha)
    }
  }
}
