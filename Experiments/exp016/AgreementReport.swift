import AISHarness
import AISKit

/// What the page says about the next tokens under the map's plans and those beside them.
struct AgreementReport {
  private let evidence: Evidence<Exp016.Row>
  private let rows: [Exp016.Row]
  private let best: [Int: BestPlanRow]
  private let categories: [String]

  init(_ evidence: Evidence<Exp016.Row>) {
    self.evidence = evidence
    rows = evidence.rows
    best = Dictionary(
      evidence.rows(of: BestPlanRow.self).map { ($0.prompt, $0) },
      uniquingKeysWith: { first, _ in first })
    categories = Set(evidence.rows.map(\.category)).sorted()
  }

  var report: Report {
    var report = Report()
    report.judge(findings)
    report.conclude(conclusion)
    summarize(in: &report)
    tabulatePlans(in: &report)
    tabulateCategories(in: &report)
    tabulateBesides(in: &report)
    report.draw(
      .intervals(
        "agreement", "Same most probable token as the full model", "top1_agreement", by: "category",
        series: "plan", yLabel: "top-1 agreement", reference: Exp016.agreement,
        referenceLabel: "threshold"))
    return report
  }

  // MARK: - Verdict

  private var findings: [NamedFinding] {
    categories.map { category in
      NamedFinding(
        "agreement, \(category)",
        .atLeast(agreement(category), threshold: Exp016.agreement, of: "prompts"))
    } + [
      NamedFinding(
        "something left out",
        .somethingLeftOut(rows.map { $0.plan != DepthPlan.full.summary }, of: "prompts"))
    ]
  }

  private var conclusion: String {
    guard !rows.isEmpty else { return "" }
    let kept = percent(rows.map(\.topOneAgrees))
    let whole = evidence.number("layers").map { " of \(Int($0))" } ?? ""
    let changed = "\(size)\(whole) layers"
    let pairs = paired(rows)
    if !pairs.isEmpty {
      let fixed = percent(pairs.map(\.best.topOneAgrees))
      return "Leaving out \(changed) as the map chooses keeps \(kept) of next tokens; "
        + "the best fixed plan keeps \(fixed)."
    }
    let low = findings.corrected.count { $0.finding.outcome == .fails }
    return "\(changed) \(way) by the map keep \(kept) of next tokens; "
      + "\(low) of \(categories.count) categories fail the \(Exp016.agreement.shown(.percent(0)))."
  }

  private func agreement(_ category: String) -> Proportion {
    Proportion(of: rows.filter { $0.category == category }.map(\.topOneAgrees))
  }

  /// How layers are left out, in a word or two.
  private var way: String {
    switch evidence.parameters["mode"] {
    case SkipMode.soft.rawValue:
      "blended (α = \(evidence.parameters["alpha"] ?? "\(DepthOptions.defaultAlpha)"))"
    case SkipMode.bridge.rawValue: "bridged"
    default: "left out"
    }
  }

  /// How many layers the plans in use leave out or blend, as most prompts have it.
  private var size: Int {
    var counts: [Int: Int] = [:]
    for (plan, count) in plansInUse { counts[LeftOut.layers(plan).count, default: 0] += count }
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? 0
  }

  /// The plans in use, with their prompts, the most frequent first.
  private var plansInUse: [(plan: String, prompts: Int)] {
    Dictionary(grouping: rows, by: \.plan).map { ($0.key, $0.value.count) }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  private func percent(_ outcomes: [Bool]) -> String {
    Proportion(of: outcomes).rate.shown(.percent(1))
  }

  // MARK: - Figures and tables

  private func summarize(in report: inout Report) {
    report.summarize("distinct_plans", plansInUse.count, "different plans in use on these prompts")
    report.summarize(
      "mean_executed_layers", Bootstrap.mean(rows.map { Double($0.executedLayers) }),
      "blocks computed for a prompt, mean", .decimals(2, within: 0.1))
    report.summarize(
      "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
      "prompts that the full model answered", .share)
    let pairs = Paired(
      baseline: rows.map(\.goldTopOneAgrees), variant: rows.map(\.topOneAgrees))
    report.summarize(
      "routed_against_gold_p", pairs.pValue,
      "McNemar: agreement by the map's category (\(pairs.gained) more) against the prompt's own "
        + "(\(pairs.lost) more)", .decimals(3, within: 0.05))
  }

  /// Prompts that ran under both the map's plan and the best fixed one.
  private func paired(_ rows: [Exp016.Row]) -> [(routed: Exp016.Row, best: BestPlanRow)] {
    rows.compactMap { row in best[row.prompt].map { (row, $0) } }
  }

  private func tabulatePlans(in report: inout Report) {
    let routed = rows.map { ($0.topOneAgrees, $0.kl) }
    let pairs = paired(rows)
    var plans = [
      ComparedPlans(name: Self.mapsName, layers: plansInUse.map(\.plan), own: routed),
      ComparedPlans(
        name: "own category's", layers: Set(rows.map(\.goldPlan)).sorted(),
        own: rows.map { ($0.goldTopOneAgrees, $0.goldKL) }, maps: routed),
    ]
    if let fixed = pairs.first?.best.plan {
      plans.append(
        ComparedPlans(
          name: Self.bestName, layers: [fixed],
          own: pairs.map { ($0.best.topOneAgrees, $0.best.kl) },
          maps: pairs.map { ($0.routed.topOneAgrees, $0.routed.kl) }))
    }
    report.tabulate(
      "plans", "The map's plans, and those beside them", rows.isEmpty ? [] : plans,
      [
        .cell(
          "plan",
          "whose: the map's, the prompt's own category's, or the best fixed one of that size",
          \.name),
        .cell("layers", "what the plans leave out") { $0.layers.joined(separator: "; ") },
        .cell("sink", "whether they leave out the layer that makes the attention sink") {
          sink($0.layers)
        },
        .cell("prompts", "prompts of the test split", \.own.count),
        .estimate(
          "top1_agreement", "the same most probable token", .share(within: 0.03), \.agreement),
        .estimate(
          "top1_difference", "agreement less that of the map's plans, same prompts",
          .share(within: 0.03), \.difference),
        .estimate(
          "kl_base_skip", "mean KL(base‖skip) of the next token", .nats(within: 1e-2), \.kl),
        .estimate(
          "kl_difference", "KL less that of the map's plans", .nats(within: 1e-2), \.klDifference),
      ])
  }

  private static let mapsName = "the map's"
  private static let bestName = "best fixed"

  /// Whether plans leave out the layer that makes the attention sink; empty if it is not known.
  private func sink(_ plans: [String]) -> String {
    guard let layer = evidence.number("sink_layer").map({ Int($0) }) else { return "" }
    if layer < 0 { return "none" }
    let breaking = plans.count { LeftOut.layers($0).contains(layer) }
    return breaking == 0
      ? "kept (layer \(layer))"
      : "\(breaking) of \(plans.count) leave out layer \(layer), its maker"
  }

  private func tabulateCategories(in report: inout Report) {
    let groups = categories.map { category in
      RowGroup(category, rows.filter { $0.category == category })
    }
    report.tabulate(
      "categories", "Agreement by category",
      rows.isEmpty ? [] : groups + [RowGroup("all", rows)],
      [
        .cell("category", "the prompts' own category", \.key),
        .cell("prompts", "prompts of the test split", \.rows.count),
        .estimate("top1_agreement", "the same most probable token", .share(within: 0.03)) {
          Proportion(of: $0.rows.map(\.topOneAgrees)).estimate
        },
        .cell(
          "gold_top1_agreement", "the same under the plan of the prompt's own category",
          .share(within: 0.03)
        ) { Proportion(of: $0.rows.map(\.goldTopOneAgrees)).rate },
        .cell("top5_overlap", "tokens in both top fives", .share(within: 0.03)) {
          Bootstrap.mean($0.rows.map(\.topFiveOverlap))
        },
        .estimate(
          "kl_base_skip", "mean KL(base‖skip) of the next token", .nats(within: 1e-2)
        ) { Bootstrap().mean(of: $0.rows.map(\.kl)) },
        .cell(
          "routed_right", "prompts that the map put into their own category", .share(within: 0.03)
        ) { Proportion(of: $0.rows.map { $0.routed == $0.category }).rate },
      ])
  }

  /// Each category's agreement under the map's plans and under the best fixed one.
  private func tabulateBesides(in report: inout Report) {
    let besides = categories.flatMap { category -> [(category: String, plans: ComparedPlans)] in
      let own = rows.filter { $0.category == category }
      let pairs = paired(own)
      let routed = ComparedPlans(
        name: Self.mapsName, own: own.map { ($0.topOneAgrees, $0.kl) })
      let fixed = ComparedPlans(
        name: Self.bestName, own: pairs.map { ($0.best.topOneAgrees, $0.best.kl) },
        maps: pairs.map { ($0.routed.topOneAgrees, $0.routed.kl) })
      return (pairs.isEmpty ? [routed] : [routed, fixed]).map { (category, $0) }
    }
    report.tabulate(
      "agreement", "The best fixed plan beside the map's, by category", besides,
      isShown: !best.isEmpty,
      [
        .cell("category", "the prompts' own category") { $0.category },
        .cell("plan", "whose plan: the map's, or the best fixed one of that size") {
          $0.plans.name
        },
        .cell("prompts", "prompts of the test split") { $0.plans.own.count },
        .estimate("top1_agreement", "the same most probable token", .share(within: 0.03)) {
          $0.plans.agreement
        },
        .estimate(
          "difference", "agreement less that of the map's plans, same prompts",
          .share(within: 0.03)
        ) { $0.plans.difference },
      ])
  }
}
