import AISHarness

extension RoutingReport {
  /// Every way of choosing, with its outcome.
  func wayLines(_ routing: PlanRouting) -> [WayLine] {
    ([routing.fixed] + routing.routed.map(\.outcome) + routing.references).map { outcome in
      let (agreement, kl) = (
        Bootstrap().mean(of: outcome.agreement), Bootstrap().mean(of: outcome.kl)
      )
      var line = WayLine()
      line.way = outcome.name
      line.plans = outcome.plansInUse.count
      (line.agreement, line.lower, line.upper) = (
        agreement.value, agreement.interval.lower, agreement.interval.upper
      )
      (line.kl, line.klLower, line.klUpper) = (
        kl.value, kl.interval.lower, kl.interval.upper
      )
      line.last = Bootstrap.mean(outcome.lastAgreement)
      return line
    }
  }

  /// Every way other than the best static plan, compared with it.
  func gainLines(_ routing: PlanRouting) -> [GainLine] {
    let judged = routing.comparisons
    let pValues = judged.map { $0.agreement.signFlipPValue() }
    let adjusted = Holm.adjusted(pValues)
    return judged.indices.map { index in
      let family = findings.estimate(judged[index]).interval
      var line = gainLine(judged[index])
      (line.familyLower, line.familyUpper) = (family.lower, family.upper)
      (line.pValue, line.holm) = (pValues[index], adjusted[index])
      return line
    }
      + routing.referenceComparisons.map { comparison in
        var line = gainLine(comparison)
        line.pValue = comparison.agreement.signFlipPValue()
        return line
      }
  }

  private func gainLine(_ comparison: RoutingComparison) -> GainLine {
    let gain = comparison.agreement.estimate()
    var line = GainLine()
    line.way = comparison.name
    (line.gain, line.lower, line.upper) = (gain.value, gain.interval.lower, gain.interval.upper)
    line.kl = comparison.kl.mean
    if let last = comparison.last {
      line.last = "+\(last.gained) −\(last.lost)"
      line.lastPValue = last.pValue
    }
    return line
  }

  /// What each judged comparison could have detected.
  func powerLines(_ routing: PlanRouting) -> [PowerLine] {
    routing.comparisons.map { comparison in
      var line = PowerLine()
      line.way = comparison.name
      line.prompts = comparison.agreement.count
      line.plans = comparison.planCount
      line.deviation = comparison.agreement.standardDeviation
      line.power = findings.power(comparison)
      line.detectable = comparison.agreement.detectableDifference(
        significance: RoutingFindings.significance(routers: routing.comparisons.count),
        power: Exp026.standard.power)
      line.needed = findings.promptsNeeded(comparison) ?? 0
      return line
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
      let right = Proportion(of: hits)
      var line = RouterLine()
      (line.router, line.prompts) = (router, right.trials)
      line.accuracy = right.rate
      (line.lower, line.upper) = (right.wilson().lower, right.wilson().upper)
      line.largest = largest
      return line
    }
  }

  /// The plans that each category's prompts got, and the gain of their own category's plan.
  func categoryLines(_ routing: PlanRouting) -> [CategoryLine] {
    Set(test.categories).sorted().map { category in
      let places = test.categories.indices.filter { test.categories[$0] == category }
      let chosen = routing.chosen[category] ?? routing.staticPlan
      let gain = PairedDifferences(
        baseline: places.map { test.outcomes[$0][routing.staticPlan].agreement },
        variant: places.map { test.outcomes[$0][chosen].agreement }
      ).estimate()
      var line = CategoryLine()
      (line.category, line.prompts) = (category, places.count)
      line.neighbors = Proportion(of: places.map { prompts[$0].neighborCategory == category }).rate
      line.classifier =
        Proportion(of: places.map { prompts[$0].classifierCategory == category }).rate
      line.made = made[category].map { plans[$0] } ?? ""
      line.chosen = plans[chosen]
      (line.gain, line.lower, line.upper) = (gain.value, gain.interval.lower, gain.interval.upper)
      return line
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
      var line = PlanLine()
      line.plan = plans[plan]
      line.validation = agreement(validation, plan)
      line.test = agreement(test, plan)
      line.best =
        Double(test.outcomes.indices.count { test.bestPlan(ofPrompt: $0) == plan })
        / Double(test.outcomes.count)
      (line.made, line.chosen) = (names(made, plan), names(routing.chosen, plan))
      line.neighbors = count(prompts.map(\.neighborCategory), plan)
      line.classifier = count(prompts.map(\.classifierCategory), plan)
      return line
    }
  }
}
