import AISHarness

extension RoutingReport {
  /// Every way of choosing, with its outcome.
  func wayLines(_ routing: PlanRouting) -> [WayLine] {
    ([routing.fixed] + routing.routed.map(\.outcome) + routing.references).map { outcome in
      WayLine(
        way: outcome.name, plans: outcome.plansInUse.count,
        agreement: EstimateCells(Bootstrap().mean(of: outcome.agreement)),
        kl: EstimateCells(Bootstrap().mean(of: outcome.kl)),
        last: Bootstrap.mean(outcome.lastAgreement))
    }
  }

  /// Every way other than the best static plan, compared with it.
  func gainLines(_ routing: PlanRouting) -> [GainLine] {
    let (judged, others) = (routing.comparisons, routing.referenceComparisons)
    let pValues = judged.map { $0.agreement.signFlipPValue() }
    let adjusted = Holm.adjusted(pValues)
    return judged.indices.map { index in
      var line = gainLine(judged[index], findings.estimate(judged[index]))
      line.isJudged = true
      (line.pValue, line.holm) = (pValues[index], adjusted[index])
      return line
    }
      + others.map { comparison in
        var line = gainLine(comparison, comparison.agreement.estimate().amongst(others.count))
        line.pValue = comparison.agreement.signFlipPValue()
        return line
      }
  }

  private func gainLine(_ comparison: RoutingComparison, _ gain: Estimate) -> GainLine {
    var line = GainLine()
    line.way = comparison.name
    line.gain = EstimateCells(gain)
    line.anytime = NumberFormat.text(gain.anytime, .percent(2))
    line.kl = comparison.kl.mean
    if let last = comparison.last {
      line.last = "+\(last.gained) −\(last.lost)"
      line.lastPValue = last.pValue
    }
    return line
  }

  /// What each judged comparison could have shown.
  func powerLines(_ routing: PlanRouting) -> [PowerLine] {
    routing.comparisons.map { comparison in
      PowerLine(
        way: comparison.name, prompts: comparison.agreement.count, plans: comparison.planCount,
        deviation: comparison.agreement.standardDeviation, power: findings.power(comparison),
        detectable: findings.detectable(comparison),
        needed: findings.promptsNeeded(comparison) ?? 0)
    }
  }

  /// How often each router finds a prompt's own category.
  var routerLines: [RouterLine] {
    let counts = Dictionary(grouping: prompts, by: \.category).values.map(\.count)
    let largest = Double(counts.max() ?? 0) / Double(prompts.count)
    let found = [
      ("k-NN", prompts.map { $0.neighborCategory == $0.category }),
      ("MLP", prompts.map { $0.classifierCategory == $0.category }),
    ]
    return found.map { router, hits in
      RouterLine(
        router: router, prompts: hits.count,
        accuracy: EstimateCells(Proportion(of: hits).estimate), largest: largest)
    }
  }

  /// The plans that each category's prompts got, and the gain of their own category's plan.
  func categoryLines(_ routing: PlanRouting) -> [CategoryLine] {
    let categories = Set(test.categories).sorted()
    return categories.map { category in
      let places = test.categories.indices.filter { test.categories[$0] == category }
      let chosen = routing.chosen[category] ?? routing.staticPlan
      let gain = PairedDifferences(
        baseline: places.map { test.outcomes[$0][routing.staticPlan].agreement },
        variant: places.map { test.outcomes[$0][chosen].agreement }
      ).estimate().amongst(categories.count)
      func recall(_ found: (Exp026.Row) -> String) -> Double {
        Proportion(of: places.map { found(prompts[$0]) == category }).rate
      }
      return CategoryLine(
        category: category, prompts: places.count, neighbors: recall(\.neighborCategory),
        classifier: recall(\.classifierCategory), made: made[category].map { plans[$0] } ?? "",
        chosen: plans[chosen], gain: EstimateCells(gain))
    }
  }

  /// Every plan: its origin, its quality on all prompts, and how often it was chosen.
  func planLines(_ routing: PlanRouting) -> [PlanLine] {
    func agreement(_ table: PlanTable, _ plan: Int) -> Double {
      Bootstrap.mean(table.outcomes.map { $0[plan].agreement })
    }
    func names(_ assignment: [String: Int], _ plan: Int) -> String {
      assignment.filter { $0.value == plan }.keys.sorted().joined(separator: ", ")
    }
    func count(_ categories: [String], _ plan: Int) -> Int {
      categories.count { (routing.chosen[$0] ?? routing.staticPlan) == plan }
    }
    return plans.indices.map { plan in
      PlanLine(
        plan: plans[plan],
        made: evidence.text(Exp026.originFact(plan)) ?? names(made, plan),
        chosen: names(routing.chosen, plan), validation: agreement(validation, plan),
        test: agreement(test, plan),
        best: Proportion(of: test.outcomes.indices.map { test.bestPlan(ofPrompt: $0) == plan })
          .rate,
        neighbors: count(prompts.map(\.neighborCategory), plan),
        classifier: count(prompts.map(\.classifierCategory), plan))
    }
  }
}
