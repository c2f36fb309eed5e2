/// One plan's predictions on one prompt, compared with the full model's.
public struct PlanOutcome: Sendable, Equatable {
  /// The share of positions where the most probable token is the full model's.
  public let agreement: Double
  /// KL(base‖skip), mean over the positions, nats.
  public let kl: Double
  /// Whether the most probable token at the last position is the full model's.
  public let lastAgrees: Bool

  /// An outcome from its parts.
  public init(agreement: Double, kl: Double, lastAgrees: Bool) {
    (self.agreement, self.kl, self.lastAgrees) = (agreement, kl, lastAgrees)
  }
}

/// Prompts that were each run under all of the same plans.
///
/// The outcome of any way of choosing plans can be read from it.
public struct PlanTable: Sendable, Equatable {
  /// How many plans there are.
  public let planCount: Int
  /// The prompts' own categories.
  ///
  /// Shape: [prompts].
  public let categories: [String]
  /// Shape: [prompts][plans].
  public let outcomes: [[PlanOutcome]]

  /// A table from its parts.
  public init(planCount: Int, categories: [String], outcomes: [[PlanOutcome]]) {
    precondition(planCount > 0, "a plan at least")
    precondition(categories.count == outcomes.count, "a category for each prompt")
    precondition(outcomes.allSatisfy { $0.count == planCount }, "each prompt under every plan")
    (self.planCount, self.categories, self.outcomes) = (planCount, categories, outcomes)
  }

  /// The plan with the highest mean agreement on a category's prompts, or on all prompts.
  ///
  /// Among equals the lowest mean KL wins, then the first plan; `nil` if there is no such prompt.
  public func bestPlan(for category: String? = nil) -> Int? {
    let chosen = outcomes.indices.filter { category == nil || categories[$0] == category }
    return chosen.isEmpty ? nil : best { plan in chosen.map { outcomes[$0][plan] } }
  }

  /// The best plan of one prompt, by the same rule.
  public func bestPlan(ofPrompt prompt: Int) -> Int { best { [outcomes[prompt][$0]] } }

  /// The best plan of each category that has prompts.
  public var bestPlans: [String: Int] {
    Set(categories).reduce(into: [:]) { $0[$1] = bestPlan(for: $1) }
  }

  private func best(_ outcomes: (_ plan: Int) -> [PlanOutcome]) -> Int {
    // KL is negated, so that larger is better in both.
    let scores = (0..<planCount).map { plan in
      let all = outcomes(plan)
      return (Bootstrap.mean(all.map(\.agreement)), -Bootstrap.mean(all.map(\.kl)))
    }
    return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }
}

/// The outcome of one way of choosing plans, prompt by prompt.
public struct PolicyOutcome: Sendable, Equatable {
  /// What the way is called.
  public let name: String
  /// The distinct plans that were chosen.
  public let plansInUse: Set<Int>
  /// The share of positions where the most probable token is the full model's.
  ///
  /// Shape: [prompts].
  public let agreement: [Double]
  /// Mean KL(base‖skip), nats.
  ///
  /// Shape: [prompts].
  public let kl: [Double]
  /// 1 if the last position's most probable token is the full model's, else 0; a mean if chance
  /// decides.
  ///
  /// Shape: [prompts].
  public let lastAgreement: [Double]
}

extension PlanTable {
  /// The outcome of giving each prompt the plan listed for it.
  ///
  /// Shape: plans [prompts].
  public func outcome(_ name: String, plans: [Int]) -> PolicyOutcome {
    precondition(plans.count == outcomes.count, "a plan for each prompt")
    let met = zip(outcomes, plans).map { $0[$1] }
    return PolicyOutcome(
      name: name, plansInUse: Set(plans), agreement: met.map(\.agreement), kl: met.map(\.kl),
      lastAgreement: met.map { $0.lastAgrees ? 1 : 0 })
  }

  /// The expected outcome of giving each prompt one of these plans at random, each equally likely.
  public func outcome(_ name: String, anyOf plans: Set<Int>) -> PolicyOutcome {
    let plans = plans.sorted()
    func mean(_ value: (PlanOutcome) -> Double) -> [Double] {
      outcomes.map { row in Bootstrap.mean(plans.map { value(row[$0]) }) }
    }
    return PolicyOutcome(
      name: name, plansInUse: Set(plans), agreement: mean(\.agreement), kl: mean(\.kl),
      lastAgreement: mean { $0.lastAgrees ? 1 : 0 })
  }
}
