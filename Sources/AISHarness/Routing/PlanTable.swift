/// What a plan made of one prompt, beside the full model.
public struct PlanOutcome: Sendable, Equatable {
  /// Share of the prompt's positions with the full model's most probable token.
  public let agreement: Double
  /// KL(base‖skip), mean over the positions, nats.
  public let kl: Double
  /// The same most probable token at the last position.
  public let lastAgrees: Bool

  /// An outcome from its parts.
  public init(agreement: Double, kl: Double, lastAgrees: Bool) {
    (self.agreement, self.kl, self.lastAgrees) = (agreement, kl, lastAgrees)
  }
}

/// Prompts that were each run under every one of the same plans: whatever gives plans to prompts, what
/// comes of it can be read off here.
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

  /// The plan with the highest mean agreement on a category's prompts, or on all.
  ///
  /// Of equal ones that of the lowest mean KL, then the first; `nil` where there is no such prompt.
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
    // By KL falling: the larger is the better in both.
    let scores = (0..<planCount).map { plan in
      let all = outcomes(plan)
      return (Bootstrap.mean(all.map(\.agreement)), -Bootstrap.mean(all.map(\.kl)))
    }
    return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }
}

/// What one way of giving plans to prompts comes to, prompt by prompt.
public struct PolicyOutcome: Sendable, Equatable {
  /// What the way is called.
  public let name: String
  /// The distinct plans that were handed out.
  public let plansInUse: Set<Int>
  /// Share of the positions with the full model's most probable token.
  ///
  /// Shape: [prompts].
  public let agreement: [Double]
  /// Mean KL(base‖skip), nats.
  ///
  /// Shape: [prompts].
  public let kl: [Double]
  /// 1 where the last position's most probable token is the same; in between where chance decides.
  ///
  /// Shape: [prompts].
  public let lastAgreement: [Double]
}

extension PlanTable {
  /// What comes of giving each prompt the plan listed for it.
  ///
  /// Shape: plans [prompts].
  public func outcome(_ name: String, plans: [Int]) -> PolicyOutcome {
    precondition(plans.count == outcomes.count, "a plan for each prompt")
    let met = zip(outcomes, plans).map { $0[$1] }
    return PolicyOutcome(
      name: name, plansInUse: Set(plans), agreement: met.map(\.agreement), kl: met.map(\.kl),
      lastAgreement: met.map { $0.lastAgrees ? 1 : 0 })
  }

  /// What comes of giving each prompt one of these plans by chance, each as likely: the mean over them,
  /// so that no draw decides.
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
