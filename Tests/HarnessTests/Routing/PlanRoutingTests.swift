import AISHarness
import Testing

/// Ways of choosing plans for prompts, on tables small enough to check by eye.
@Suite struct PlanRoutingTests {
  private static func outcome(_ agreement: Double, kl: Double = 1) -> PlanOutcome {
    PlanOutcome(agreement: agreement, kl: kl, lastAgrees: agreement >= 0.5)
  }

  /// Two categories with different best plans; plan 1 is best for all together.
  private static let validation = PlanTable(
    planCount: 3, categories: ["a", "a", "b", "b"],
    outcomes: [
      [outcome(0.9), outcome(0.8), outcome(0.1)], [outcome(0.7), outcome(0.6), outcome(0.1)],
      [outcome(0.1), outcome(0.5), outcome(0.6)], [outcome(0.3), outcome(0.5), outcome(0.6)],
    ])

  private static let test = PlanTable(
    planCount: 3, categories: ["a", "b", "c"],
    outcomes: [
      [outcome(0.8, kl: 2), outcome(0.6), outcome(0)], [outcome(0.2), outcome(0.5), outcome(0.3)],
      [outcome(0.4), outcome(0.4, kl: 0.5), outcome(0.4)],
    ])

  @Test func theBestPlanIsThatOfTheHighestAgreementThenTheLowestKL() {
    #expect(Self.validation.bestPlan() == 1)
    #expect(Self.validation.bestPlans == ["a": 0, "b": 2])
    #expect(Self.validation.bestPlan(for: "c") == nil)
    #expect(Self.test.bestPlan(ofPrompt: 2) == 1)
    let equal = PlanTable(
      planCount: 2, categories: ["a"], outcomes: [[Self.outcome(0.5), Self.outcome(0.5)]])
    #expect(equal.bestPlan() == 0)
  }

  @Test func chanceIsTheMeanOverItsPlans() {
    let random = Self.test.outcome("random", anyOf: [0, 1])
    #expect(random.plansInUse == [0, 1])
    #expect(zip(random.agreement, [0.7, 0.35, 0.4]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(random.kl == [1.5, 1, 0.75])
    #expect(random.lastAgreement == [1, 0.5, 0])
  }

  private func routing() throws -> PlanRouting {
    try #require(
      PlanRouting(
        validation: Self.validation, test: Self.test, made: ["a": 1, "b": 0],
        decisions: .init(
          neighbors: ["a", "a", "b"], classifier: ["a", "b", "c"], direct: [2, 1, 0])))
  }

  @Test func routersHandOutThePlansOfTheCategoryThatTheyFind() throws {
    let routing = try routing()
    #expect(routing.staticPlan == 1 && routing.fixed.agreement == [0.6, 0.5, 0.4])
    #expect(routing.chosen == ["a": 0, "b": 2])
    #expect(
      routing.routed.map(\.outcome.name) == [
        "k-NN, plans chosen", "MLP, plans chosen", "k-NN, plans of the ablation",
        "MLP, plans of the ablation",
      ])
    // No plan was chosen for c, so it gets the static plan.
    #expect(
      routing.routed.map(\.outcome.agreement) == [
        [0.8, 0.2, 0.4], [0.8, 0.3, 0.4], [0.6, 0.5, 0.4], [0.6, 0.2, 0.4],
      ])
    #expect(routing.routed.map(\.outcome.plansInUse) == [[0, 2], [0, 1, 2], [0, 1], [0, 1]])
    #expect(routing.comparisons.map(\.router) == ["k-NN", "MLP", "k-NN", "MLP"])
    #expect(routing.comparisons.map(\.planCount) == [2, 3, 2, 2])
    let gains = routing.comparisons[1].agreement.values
    #expect(zip(gains, [0.2, -0.2, 0]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(
      routing.comparisons[1].last
        == Paired(bothRight: 1, lost: 1, gained: 0, bothWrong: 1))
  }

  @Test func hindsightAndOracleBoundTheRest() throws {
    let references = try routing().references
    #expect(
      references.map(\.name) == [
        "MLP to plan", "own category", "random", "own category in hindsight", "oracle",
      ])
    #expect(references[0].agreement == [0, 0.5, 0.4])
    #expect(references[1].agreement == [0.8, 0.3, 0.4])
    #expect(references[2].plansInUse == [0, 1, 2])
    #expect(references[3].agreement == [0.8, 0.5, 0.4])
    #expect(references[4].agreement == [0.8, 0.5, 0.4])
    // Chance gives no single answer at the last position.
    #expect(
      try routing().referenceComparisons.map { $0.last == nil } == [
        false, false, true, false, false,
      ])
  }

  @Test func thereIsNothingToSayWithoutPrompts() {
    let none = PlanTable(planCount: 3, categories: [], outcomes: [])
    let decisions = PlanRouting.Decisions(neighbors: [], classifier: [], direct: [])
    #expect(
      PlanRouting(validation: Self.validation, test: none, made: [:], decisions: decisions) == nil)
    #expect(PlanRouting(validation: none, test: none, made: [:], decisions: decisions) == nil)
  }
}
