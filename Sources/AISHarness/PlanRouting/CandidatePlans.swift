import AISKit

/// The plans that are compared: all leave out equally many layers, all after the pivot.
///
/// There is a plan for each category: the layers that each cost its prompts least. There is one for
/// all prompts together, and one with the cheapest run of consecutive layers. Equal plans count as
/// one.
public struct CandidatePlans {
  /// One of the plans.
  public struct Candidate {
    /// What is left out.
    public let plan: DepthPlan
    /// What the plan was made for.
    public internal(set) var origins: String
  }

  /// The plans, each once.
  public private(set) var all: [Candidate] = []
  /// The plan from each category's own costs, as its place among all.
  public private(set) var made: [String: Int] = [:]

  /// The plans that follow from an ablation's costs.
  ///
  /// - Parameters:
  ///   - map: holds the costs.
  ///   - count: layers that each plan leaves out.
  ///   - config: the model's shape.
  ///   - plans: makes plans from the layers that each leaves out.
  /// - Throws: `RequestError` if the map has no importance, or if the model has not that many layers
  ///   after the pivot, or exactly as many, so that there is one plan; what `plans` throws.
  public init(
    of map: TopologicalMap, leavingOut count: Int, config: ModelConfig,
    plans: ([[Int]]) throws -> [DepthPlan]
  ) throws {
    guard let importance = map.importance else {
      throw RequestError("map importance", expected: "an ablation's values", found: "none")
    }
    let rule = SkipRule.budget(count)
    let first = map.pivot + 1
    var sets = try map.categories.indices.map { category in
      try rule.layers(costs: importance.costs(of: category), from: first)
    }
    let overall = importance.overall
    sets.append(try rule.layers(costs: SkipCosts(layers: overall), from: first))
    let starts = first...map.layerCount - count
    let sums = starts.map { start in overall[start..<start + count].reduce(0, +) }
    if let least = sums.indices.min(by: { sums[$0] < sums[$1] }) {
      sets.append(Array(first + least..<first + least + count))
    }
    let names = map.categories + ["all categories", "consecutive layers"]
    for (name, plan) in zip(names, try plans(sets)) {
      let place = add(plan, name)
      if map.categories.contains(name) { made[name] = place }
    }
    guard all.count > 1 else {
      throw RequestError(
        "budget", expected: "layers to choose among after layer \(map.pivot)",
        found: "one plan, \(all.map(\.plan.summary).joined())")
    }
    for candidate in all { try candidate.plan.validate(for: config, from: first) }
  }

  private mutating func add(_ plan: DepthPlan, _ origin: String) -> Int {
    if let known = all.firstIndex(where: { $0.plan == plan }) {
      all[known].origins += ", \(origin)"
      return known
    }
    all.append(Candidate(plan: plan, origins: origin))
    return all.count - 1
  }
}
