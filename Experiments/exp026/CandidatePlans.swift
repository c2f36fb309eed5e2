import AISHarness
import AISKit

/// The plans on trial: all leave out equally many layers, all of them behind the pivot.
///
/// Each category's own, the layers that cost its prompts least alone; the same for all prompts together;
/// and the cheapest run of consecutive layers. Plans that come out equal are one.
struct CandidatePlans {
  struct Candidate {
    let plan: DepthPlan
    /// For whom it was made.
    var origins: String
  }

  private(set) var all: [Candidate] = []
  /// The plan of each category's own costs.
  private(set) var made: [String: Int] = [:]

  /// The plans, made of the layers that each leaves out by `plans`.
  ///
  /// - Throws: `MapError` where the map has no importance; `DepthError` where the model has not that
  ///   many layers behind the pivot, or only just as many, so that there is one plan; what `plans`
  ///   throws.
  init(
    of map: TopologicalMap, leavingOut count: Int, config: ModelConfig,
    plans: ([[Int]]) throws -> [DepthPlan]
  ) throws {
    guard let importance = map.importance else {
      throw MapError("importance", expected: "an ablation's values", found: "none")
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
      throw DepthError(
        "budget", expected: "layers to choose among behind layer \(map.pivot)",
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
