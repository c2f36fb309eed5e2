import AISHarness

/// Tables and findings: every way of choosing a plan, applied to the passes that were run.
struct RoutingReport {
  /// The plans, in the order of the work.
  let plans: [String]
  let test: PlanTable
  let validation: PlanTable
  /// One row of each test prompt, in the order of the work.
  let prompts: [Exp026.Row]
  /// The comparison of all ways; `nil` without validation prompts or without test prompts.
  let routing: PlanRouting?
  /// The plan that the ablation gives to each category that has prompts.
  let made: [String: Int]
  let findings: RoutingFindings
  let evidence: Evidence<Exp026.Row>

  init(_ evidence: Evidence<Exp026.Row>) {
    self.evidence = evidence
    let rows = evidence.rows
    let plans = rows.grouped(by: \.plan).map(\.key)
    self.plans = plans
    test = Self.table(.test, rows, plans)
    validation = Self.table(.validation, rows, plans)
    prompts = Self.prompts(.test, rows, plans).map { $0[0] }
    func place(_ plan: String) -> Int? { plans.firstIndex(of: plan) }
    made = rows.reduce(into: [:]) { $0[$1.category] = place($1.ablationPlan) }
    routing = PlanRouting(
      validation: validation, test: test, made: made,
      decisions: .init(
        neighbors: prompts.map(\.neighborCategory), classifier: prompts.map(\.classifierCategory),
        direct: prompts.map { place($0.directPlan) ?? 0 }))
    findings = RoutingFindings(
      routing?.comparisons ?? [], executedLayers: Set(rows.map(\.executedLayers)),
      standard: Exp026.standard)
  }

  /// The prompts of a split under every plan.
  func table(_ split: Split) -> PlanTable { Self.table(split, evidence.rows, plans) }

  private static func table(
    _ split: Split, _ rows: [Exp026.Row], _ plans: [String]
  ) -> PlanTable {
    let prompts = prompts(split, rows, plans)
    return PlanTable(
      planCount: max(1, plans.count), categories: prompts.map { $0[0].category },
      outcomes: prompts.map { prompt in
        prompt.map {
          PlanOutcome(
            agreement: Double($0.agreeing) / Double($0.tokens), kl: $0.kl,
            lastAgrees: $0.lastAgrees)
        }
      })
  }

  /// The rows of each prompt of a split, one per plan in the plans' order.
  ///
  /// A prompt that lacks one, because the run was cut off, is left out.
  private static func prompts(
    _ split: Split, _ rows: [Exp026.Row], _ plans: [String]
  ) -> [[Exp026.Row]] {
    let groups = Dictionary(grouping: rows.filter { $0.split == split.rawValue }, by: \.prompt)
    return groups.sorted { $0.key < $1.key }.compactMap { _, rows in
      let found = plans.compactMap { plan in rows.first { $0.plan == plan } }
      return found.isEmpty || found.count < plans.count ? nil : found
    }
  }

  var report: Report {
    var report = Report()
    report.judge(findings.all)
    guard let routing else { return report }
    report.conclude(conclusion(routing))
    tabulate(routing, in: &report)
    report.draw(
      .intervals(
        "agreement", "Agreement with the full model, by who chooses the plan", of: "ways",
        "top1_agreement", by: "way", yLabel: "top-1 agreement"))
    report.draw(
      .intervals(
        "gain", "Gain over the best static plan, joint intervals", of: "gains", "gain", by: "way",
        yLabel: "difference in top-1 agreement", reference: Exp026.standard.gain,
        referenceLabel: "gain asked for"))
    summarize(routing, in: &report)
    return report
  }

  private func conclusion(_ routing: PlanRouting) -> String {
    let best = routing.comparisons.map(\.agreement.mean).max() ?? .nan
    let outcome = findings.all.last?.finding.outcome
    let answer =
      outcome == .holds ? "enough" : outcome == .fails ? "too little" : "undecided"
    func points(_ share: Double) -> String { (share * 100).shown(.decimals(1)) }
    let change = best < 0 ? "loses \(points(-best))" : "gains \(points(best))"
    return "The best of \(routing.comparisons.count) routers by category \(change) points of "
      + "agreement against the best static plan; a gain of \(points(Exp026.standard.gain)) was "
      + "asked: \(answer)."
  }

  private func summarize(_ routing: PlanRouting, in report: inout Report) {
    report.summarize("prompts", test.outcomes.count, "prompts of the test split")
    report.summarize(
      "validation_prompts", validation.outcomes.count, "prompts that plans were chosen on")
    report.summarize(
      "executed_layers", evidence.rows.map(\.executedLayers).max() ?? 0,
      "blocks that the loop computed, under every plan")
    report.summarize(
      "best_static", plans[routing.staticPlan], "the plan that is best on all validation prompts")
    let plansInUse = routing.routed.reduce(into: Set<Int>()) {
      $0.formUnion($1.outcome.plansInUse)
    }
    report.summarize(
      "distinct_plans", plansInUse.count,
      "of \(plans.count) plans, those that routers by category handed out to test prompts")
    report.summarize(
      "power", routing.comparisons.map(findings.power).min() ?? .nan,
      "of the weakest comparison, to see a gain of \(Exp026.points) points",
      .decimals(3, within: 0.05))
    report.summarize(
      "prompts_needed", routing.comparisons.compactMap(findings.promptsNeeded).max() ?? 0,
      "test prompts that would see it with power \(Exp026.standard.power)", .relative(0.2))
    for comparison in routing.referenceComparisons {
      guard let name = Self.referenceNames[comparison.name] else { continue }
      report.summarize(
        name.figure, comparison.agreement.estimate(),
        "\(name.meaning), less the best static plan; by itself", .share(within: 0.01, digits: 2))
    }
    let pairs = Paired(
      baseline: prompts.map { $0.neighborCategory == $0.category },
      variant: prompts.map { $0.classifierCategory == $0.category })
    report.summarize(
      "mlp_against_knn_p", pairs.pValue,
      "McNemar: categories that the MLP alone finds (\(pairs.gained)) against those that k-NN "
        + "alone finds (\(pairs.lost))", .decimals(4, within: 0.05))
  }

  /// The name and meaning of the figure that stores a reference's gain.
  private static let referenceNames: [String: (figure: String, meaning: String)] = [
    "oracle": ("oracle_headroom", "the best plan of each prompt, known beforehand"),
    "random": ("random_difference", "a plan in use by chance"),
    "own category in hindsight": (
      "category_headroom", "the best plan of each category, chosen on the test prompts themselves"
    ),
  ]
}
