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
    report.tabulate(
      DerivedTable("plans", title: "The map's plans, and those beside them", rows: plans))
    report.tabulate(
      DerivedTable("categories", title: "Agreement by category", rows: byCategory))
    report.tabulate(
      DerivedTable(
        "agreement", title: "The best fixed plan beside the map's, by category",
        rows: besides, isShown: !best.isEmpty))
    report.draw(
      Figure(
        name: "agreement", title: "Same most probable token as the full model",
        table: "agreement",
        kind: .intervals(
          category: "category", value: "top1_agreement", lower: "top1_agreement_lower",
          upper: "top1_agreement_upper", series: "plan"),
        yLabel: "top-1 agreement", reference: Exp016.agreement,
        referenceLabel: "threshold"))
    return report
  }

  // MARK: - Verdict

  private var findings: [NamedFinding] {
    categories.map { category in
      let agrees = rows.filter { $0.category == category }.map(\.topOneAgrees)
      return NamedFinding(
        "agreement, \(category)",
        .atLeast(Proportion(of: agrees), threshold: Exp016.agreement, of: "prompts"))
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
    let low = categories.count { category in
      let agrees = rows.filter { $0.category == category }.map(\.topOneAgrees)
      return Proportion(of: agrees).rate < Exp016.agreement
    }
    let asked = NumberFormat.text(Exp016.agreement, .percent(0), unit: "")
    return "\(changed) \(way) by the map: \(kept) of next tokens stay, "
      + "under \(asked) in \(low) of \(categories.count) categories."
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
    NumberFormat.text(Proportion(of: outcomes).rate, .percent(1), unit: "")
  }

  // MARK: - Figures and tables

  private func summarize(in report: inout Report) {
    report.summarize(
      SummaryValue("distinct_plans", plansInUse.count, "different plans in use on these prompts"))
    report.summarize(
      SummaryValue(
        "mean_executed_layers", Bootstrap.mean(rows.map { Double($0.executedLayers) }),
        "blocks computed for a prompt, mean", compare: .absolute(0.1), show: .decimals(2)))
    report.summarize(
      SummaryValue(
        "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
        "prompts that the full model answered", compare: .absolute(0.02), show: .percent(1)))
    let pairs = Paired(
      baseline: rows.map(\.goldTopOneAgrees), variant: rows.map(\.topOneAgrees))
    report.summarize(
      SummaryValue(
        "routed_against_gold_p", pairs.pValue,
        "McNemar: agreement by the map's category (\(pairs.gained) more) against the prompt's own "
          + "(\(pairs.lost) more)", compare: .absolute(0.05), show: .decimals(3)))
  }

  /// Prompts that ran under both the map's plan and the best fixed one.
  private func paired(_ rows: [Exp016.Row]) -> [(routed: Exp016.Row, best: BestPlanRow)] {
    rows.compactMap { row in best[row.prompt].map { (row, $0) } }
  }

  private var plans: [PlanRow] {
    guard !rows.isEmpty else { return [] }
    let routed = PlanRow(
      plan: Self.mapsName, layers: plansInUse.map(\.plan), sink: sink(plansInUse.map(\.plan)),
      agrees: rows.map(\.topOneAgrees), kl: rows.map(\.kl))
    let gold = Set(rows.map(\.goldPlan)).sorted()
    var own = PlanRow(
      plan: "own category's", layers: gold, sink: sink(gold), agrees: rows.map(\.goldTopOneAgrees),
      kl: rows.map(\.goldKL))
    own.compare(
      rows.map { ($0.topOneAgrees, $0.goldTopOneAgrees) }, rows.map { ($0.kl, $0.goldKL) })
    let pairs = paired(rows)
    guard let fixed = pairs.first?.best.plan else { return [routed, own] }
    var searched = PlanRow(
      plan: Self.bestName, layers: [fixed], sink: sink([fixed]),
      agrees: pairs.map(\.best.topOneAgrees), kl: pairs.map(\.best.kl))
    searched.compare(
      pairs.map { ($0.routed.topOneAgrees, $0.best.topOneAgrees) },
      pairs.map { ($0.routed.kl, $0.best.kl) })
    return [routed, own, searched]
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

  private var byCategory: [CategoryRow] {
    if rows.isEmpty { return [] }
    return categories.map { category in line(category, rows.filter { $0.category == category }) }
      + [line("all", rows)]
  }

  private func line(_ category: String, _ rows: [Exp016.Row]) -> CategoryRow {
    var line = CategoryRow()
    line.category = category
    line.prompts = rows.count
    line.topOne = EstimateCells(Proportion(of: rows.map(\.topOneAgrees)).estimate)
    line.goldTopOne = Proportion(of: rows.map(\.goldTopOneAgrees)).rate
    line.topFive = Bootstrap.mean(rows.map(\.topFiveOverlap))
    line.kl = EstimateCells(Bootstrap().mean(of: rows.map(\.kl)))
    line.routedRight = Proportion(of: rows.map { $0.routed == $0.category }).rate
    return line
  }

  /// Each category's agreement under the map's plans and under the best fixed one.
  private var besides: [BesideRow] {
    categories.flatMap { category -> [BesideRow] in
      let own = rows.filter { $0.category == category }
      let pairs = paired(own)
      let routed = BesideRow(category: category, plan: Self.mapsName, own.map(\.topOneAgrees))
      if pairs.isEmpty { return [routed] }
      var fixed = BesideRow(
        category: category, plan: Self.bestName, pairs.map(\.best.topOneAgrees))
      fixed.difference = EstimateCells(
        Paired(
          baseline: pairs.map(\.routed.topOneAgrees), variant: pairs.map(\.best.topOneAgrees)
        ).differenceEstimate)
      return [routed, fixed]
    }
  }
}
