import AISHarness

extension RoutingReport {
  func tabulate(_ routing: PlanRouting, in report: inout Report) {
    report.tabulate(
      "ways", "Ways of choosing the plan",
      [routing.fixed] + routing.routed.map(\.outcome) + routing.references, wayCells)
    report.tabulate(
      "gains", "Against the best static plan, prompt by prompt", gains(routing), gainCells)
    report.tabulate("power", "What the prompts could show", routing.comparisons, powerCells)
    let found: [(router: String, hits: [Bool])] = [
      ("k-NN", prompts.map { $0.neighborCategory == $0.category }),
      ("MLP", prompts.map { $0.classifierCategory == $0.category }),
    ]
    report.tabulate("routers", "Who finds the category", found, routerCells)
    tabulateCategories(routing, in: &report)
    report.tabulate("plans", "Plans", plans.indices, planCells(routing))
  }

  private var wayCells: [Cells<PolicyOutcome>] {
    [
      .cell("way", "who chooses the plan", \.name),
      .cell("plans", "distinct plans handed out", \.plansInUse.count),
      .estimate(
        "top1_agreement",
        "share of a prompt's positions with the full model's most probable token, mean over prompts",
        .share
      ) { Bootstrap().mean(of: $0.agreement) },
      .estimate("kl_base_skip", "mean KL(base‖skip)", .nats()) { Bootstrap().mean(of: $0.kl) },
      .cell(
        "last_agreement", "prompts whose last position has the same token", .share(within: 0.03)
      ) { Bootstrap.mean($0.lastAgreement) },
    ]
  }

  // MARK: - Gains

  /// A way of choosing the plan, compared with the best static plan.
  private struct Gain {
    let comparison: RoutingComparison
    let gain: Estimate
    let pValue: Double
    /// The p-value after Holm's correction, of a way that the claim is about.
    let holm: Double?
  }

  /// Every way other than the best static plan.
  private func gains(_ routing: PlanRouting) -> [Gain] {
    let (judged, others) = (routing.comparisons, routing.referenceComparisons)
    let pValues = judged.map { $0.agreement.signFlipPValue() }
    let adjusted = Holm.adjusted(pValues)
    return judged.indices.map {
      Gain(
        comparison: judged[$0], gain: findings.estimate(judged[$0]), pValue: pValues[$0],
        holm: adjusted[$0])
    }
      + others.map {
        Gain(
          comparison: $0, gain: $0.agreement.estimate().amongst(others.count),
          pValue: $0.agreement.signFlipPValue(), holm: nil)
      }
  }

  private var gainCells: [Cells<Gain>] {
    [
      .cell("way", "who chooses the plan", \.comparison.name),
      .cell("judged", "a router by category, which the claim is about") { $0.holm != nil },
      .estimate(
        "gain",
        "top-1 agreement less that of the best static plan, mean over prompts; its interval holds for "
          + "all judged ways together, or for all others together",
        .share(within: 0.01, digits: 2), \.gain),
      .cell(
        "anytime", "the same interval where it is valid at every look, which decides", .unchecked
      ) { NumberFormat.text($0.gain.anytime, .percent(2)) },
      .cell(
        "p", "sign-flip permutation test, two-sided, of a fixed number of prompts",
        .decimals(4, within: 0.05), \.pValue),
      .cell(
        "p_holm", "the same after Holm, over the judged ones", .decimals(4, within: 0.05)
      ) { $0.holm ?? .nan },
      .cell(
        "kl_difference", "mean KL(base‖skip) less the static plan's", .nats(4),
        \.comparison.kl.mean),
      .cell(
        "last_flips", "last positions that agree only so, and only under the static plan",
        .unchecked
      ) { $0.comparison.last.map { "+\($0.gained) −\($0.lost)" } ?? "" },
      .cell("last_p", "exact McNemar of these", .decimals(3, within: 0.05)) {
        $0.comparison.last?.pValue ?? .nan
      },
    ]
  }

  /// What each judged comparison could have shown.
  private var powerCells: [Cells<RoutingComparison>] {
    [
      .cell("way", "who chooses the plan", \.name),
      .cell("prompts", "test prompts", \.agreement.count),
      .cell("plans", "distinct plans handed out to them", \.planCount),
      .cell(
        "sd", "standard deviation of the paired difference in agreement",
        .share(within: 0.01, digits: 2), \.agreement.standardDeviation),
      .cell(
        "power", "how likely the anytime interval shows a gain of the size asked for",
        .decimals(3, within: 0.05), findings.power),
      .cell(
        "detectable", "the smallest gain that it shows with power 0.8",
        .share(within: 0.005, digits: 2), findings.detectable),
      .cell(
        "needed", "prompts that show the gain asked for with power 0.8; 0 if unknown",
        .relative(0.2)
      ) { findings.promptsNeeded($0) ?? 0 },
    ]
  }

  // MARK: - Categories and plans

  private var routerCells: [Cells<(router: String, hits: [Bool])>] {
    let counts = Dictionary(grouping: prompts, by: \.category).values.map(\.count)
    let largest = Double(counts.max() ?? 0) / Double(prompts.count)
    return [
      .cell("router", "who finds the category") { $0.router },
      .cell("prompts", "prompts of the test split") { $0.hits.count },
      .estimate("accuracy", "prompts put into their own category", .share(within: 0.03)) {
        Proportion(of: $0.hits).estimate
      },
      .cell(
        "majority", "what always saying the most frequent category comes to", .share(within: 0.01)
      ) { _ in largest },
    ]
  }

  /// The plans that each category's prompts got, and the gain of their own category's plan.
  private func tabulateCategories(_ routing: PlanRouting, in report: inout Report) {
    let groups = test.categories.indices.grouped { test.categories[$0] }
      .sorted { $0.key < $1.key }
    func chosen(_ category: String) -> Int { routing.chosen[category] ?? routing.staticPlan }
    func recall(
      _ name: String, _ meaning: String, _ found: @escaping (Exp026.Row) -> String
    ) -> Cells<RowGroup<String, Int>> {
      .cell(name, meaning, .share(within: 0.1, digits: 0)) { group in
        Proportion(of: group.rows.map { found(prompts[$0]) == group.key }).rate
      }
    }
    report.tabulate(
      "categories", "By category", groups,
      [
        .cell("category", "the prompts' own category", \.key),
        .cell("prompts", "prompts of the test split", \.rows.count),
        recall("knn_recall", "of them, those that k-NN puts there", \.neighborCategory),
        recall("mlp_recall", "those that the MLP puts there", \.classifierCategory),
        .cell("ablation_plan", "the plan of the category's own costs") {
          made[$0.key].map { plans[$0] } ?? ""
        },
        .cell("chosen_plan", "the plan that is best on its validation prompts") {
          plans[chosen($0.key)]
        },
        .estimate(
          "gain",
          "agreement under the chosen plan less that under the best static one; its interval holds for "
            + "all categories together", .share(within: 0.02, digits: 2)
        ) { group in
          PairedDifferences(
            baseline: group.rows.map { test.outcomes[$0][routing.staticPlan].agreement },
            variant: group.rows.map { test.outcomes[$0][chosen(group.key)].agreement }
          ).estimate().amongst(groups.count)
        },
      ])
  }

  /// Every plan: its origin, its quality on all prompts, and how often it was chosen.
  private func planCells(_ routing: PlanRouting) -> [Cells<Int>] {
    func agreement(_ table: PlanTable, _ plan: Int) -> Double {
      Bootstrap.mean(table.outcomes.map { $0[plan].agreement })
    }
    func names(_ assignment: [String: Int], _ plan: Int) -> String {
      assignment.filter { $0.value == plan }.keys.sorted().joined(separator: ", ")
    }
    func count(_ category: (Exp026.Row) -> String, _ plan: Int) -> Int {
      prompts.count { (routing.chosen[category($0)] ?? routing.staticPlan) == plan }
    }
    return [
      .cell("plan", "what is left out") { plans[$0] },
      .cell("made_for", "what the ablation's costs gave it for") {
        evidence.text(Exp026.originFact($0)) ?? names(made, $0)
      },
      .cell("chosen_for", "categories on whose validation prompts it is best") {
        names(routing.chosen, $0)
      },
      .cell("validation_agreement", "top-1 agreement on all validation prompts", .share) {
        agreement(validation, $0)
      },
      .cell("test_agreement", "the same on all test prompts", .share) { agreement(test, $0) },
      .cell("best_for", "test prompts for which none is better", .share(within: 0.05)) { plan in
        Proportion(of: test.outcomes.indices.map { test.bestPlan(ofPrompt: $0) == plan }).rate
      },
      .cell("knn_prompts", "test prompts that k-NN gives it to, plans chosen", .within(10)) {
        count(\.neighborCategory, $0)
      },
      .cell("mlp_prompts", "test prompts that the MLP gives it to, plans chosen", .within(10)) {
        count(\.classifierCategory, $0)
      },
    ]
  }
}
