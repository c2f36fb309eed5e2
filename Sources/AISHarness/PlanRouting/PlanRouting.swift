/// Ways of choosing plans for prompts, all judged on the same test prompts at the same depth.
///
/// Plans are chosen on other prompts: the best static plan on all validation prompts, each
/// category's plan on that category's. Only the oracle and the plans in hindsight use the prompts
/// that judge them. They bound what any prompt router, and one that always finds the right
/// category, can reach.
public struct PlanRouting: Sendable {
  /// The prompt routers' decisions on the test prompts.
  public struct Decisions: Sendable {
    /// The category that the map's neighbours vote for.
    ///
    /// Shape: [test prompts].
    public let neighbors: [String]
    /// The category that the classifier finds.
    ///
    /// Shape: [test prompts].
    public let classifier: [String]
    /// The plan that a classifier of plans finds directly, without a category.
    ///
    /// Shape: [test prompts].
    public let direct: [Int]

    /// Decisions from their parts.
    public init(neighbors: [String], classifier: [String], direct: [Int]) {
      (self.neighbors, self.classifier, self.direct) = (neighbors, classifier, direct)
    }
  }

  /// A prompt router that finds categories, with its plans.
  public struct Routed: Sendable {
    /// What finds the category.
    public let router: String
    /// Its outcome on the test prompts.
    public let outcome: PolicyOutcome
  }

  /// The plan that is best on all validation prompts.
  public let staticPlan: Int
  /// The plan of each category that is best on its validation prompts.
  public let chosen: [String: Int]
  /// The outcome of the best static plan.
  public let fixed: PolicyOutcome
  /// The prompt routers by category: k-NN and MLP, each with the chosen plans and with the
  /// ablation's own.
  public let routed: [Routed]
  /// Ways that are not judged: a router without categories, the gold category, chance, and
  /// hindsight.
  public let references: [PolicyOutcome]

  /// Applies every way to the test prompts; `nil` if either table has no prompts.
  ///
  /// - Parameters:
  ///   - validation: the outcomes that plans are chosen on.
  ///   - test: the outcomes that they are judged on.
  ///   - made: the plan that the ablation's costs give to each category.
  ///   - decisions: the prompt routers' decisions.
  public init?(
    validation: PlanTable, test: PlanTable, made: [String: Int], decisions: Decisions
  ) {
    guard let best = validation.bestPlan(), !test.outcomes.isEmpty else { return nil }
    staticPlan = best
    chosen = validation.bestPlans
    let fixed = test.outcome("best static", plans: test.categories.map { _ in best })
    let chosen = chosen
    // A category without validation prompts gets the static plan.
    func byCategory(
      _ name: String, _ categories: [String], _ plans: [String: Int]
    ) -> PolicyOutcome {
      test.outcome(name, plans: categories.map { plans[$0] ?? best })
    }
    let routers = [("k-NN", decisions.neighbors), ("MLP", decisions.classifier)]
    let ways = [("plans chosen", chosen), ("plans of the ablation", made)]
    routed = ways.flatMap { way, plans in
      routers.map { router, categories in
        Routed(
          router: router, outcome: byCategory("\(router), \(way)", categories, plans))
      }
    }
    self.fixed = fixed
    let hindsight = test.bestPlans
    references = [
      test.outcome("MLP to plan", plans: decisions.direct),
      byCategory("own category", test.categories, chosen),
      test.outcome(
        "random", anyOf: routed.reduce(into: []) { $0.formUnion($1.outcome.plansInUse) }),
      byCategory("own category in hindsight", test.categories, hindsight),
      test.outcome("oracle", plans: test.outcomes.indices.map(test.bestPlan(ofPrompt:))),
    ]
  }

  /// Each prompt router by category, compared with the best static plan.
  public var comparisons: [RoutingComparison] {
    routed.map { RoutingComparison($0.outcome, with: fixed, router: $0.router) }
  }

  /// The ways that are not judged, compared with the best static plan.
  public var referenceComparisons: [RoutingComparison] {
    references.map { RoutingComparison($0, with: fixed, router: $0.name) }
  }
}

/// One way of choosing plans, compared with the best static plan on the same prompts.
public struct RoutingComparison: Sendable {
  /// What the way is called.
  public let name: String
  /// What finds the category.
  public let router: String
  /// The number of distinct plans that were chosen.
  public let planCount: Int
  /// The difference in agreement for each prompt: this way less the static plan.
  public let agreement: PairedDifferences
  /// The difference in KL for each prompt, nats.
  public let kl: PairedDifferences
  /// The last position's agreement, paired; `nil` for chance, which gives no single answer.
  public let last: Paired?

  /// Compares two ways.
  public init(_ outcome: PolicyOutcome, with fixed: PolicyOutcome, router: String) {
    name = outcome.name
    self.router = router
    planCount = outcome.plansInUse.count
    agreement = PairedDifferences(baseline: fixed.agreement, variant: outcome.agreement)
    kl = PairedDifferences(baseline: fixed.kl, variant: outcome.kl)
    let isSettled = outcome.lastAgreement.allSatisfy { $0 == 0 || $0 == 1 }
    last =
      isSettled
      ? Paired(
        baseline: fixed.lastAgreement.map { $0 == 1 },
        variant: outcome.lastAgreement.map { $0 == 1 })
      : nil
  }
}
