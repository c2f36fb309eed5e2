import AISHarness
import AISKit

/// Tables, figures and findings about accuracy and look-up time.
struct AccuracyReport {
  private let evidence: Evidence<Exp017.Row>
  private let rows: [Exp017.Row]
  private let pairs: ClusteredPairs
  /// The answer that is right most often.
  private let constant: Int
  private let plans: [PlanRow]

  init(_ evidence: Evidence<Exp017.Row>) {
    self.evidence = evidence
    rows = evidence.rows
    pairs = ClusteredPairs(
      rows, by: \.subject, baseline: { $0.baseline == $0.gold }, variant: { $0.variant == $0.gold })
    let right = Dictionary(grouping: rows, by: \.gold).mapValues(\.count)
    constant = right.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    plans = PlanRow.all(rows)
  }

  var report: Report {
    var report = Report()
    let findings = [
      NamedFinding("not worse", notWorse), NamedFinding("not chance", aboveChance),
      NamedFinding(
        "something left out",
        .somethingLeftOut(rows.map { $0.plan != DepthPlan.full.summary }, of: "questions")),
      NamedFinding("overhead", overhead),
    ]
    report.judge(findings)
    guard !rows.isEmpty else { return report }
    report.conclude(conclusion)
    summarize(in: &report)
    let (full, routed): (AccuracyRow.Side, AccuracyRow.Side) = (
      ("full", { $0.baseline == $0.gold }), ("routed", { $0.variant == $0.gold })
    )
    report.tabulate(
      DerivedTable("accuracy", title: "Accuracy", rows: AccuracyRow.all(rows, [full, routed])))
    report.draw(figure("accuracy", title: "MMLU accuracy, full and routed", floor: floor))
    // One plan for all, found on other prompts, has answered some of the questions too.
    let answers = Dictionary(
      evidence.rows(of: StaticAnswer.self).map { ($0.row, $0) }, uniquingKeysWith: { $1 })
    if let plan = answers.values.first?.plan {
      let sides: [AccuracyRow.Side] = [
        ("best static", { answers[$0.row]?.answer == $0.gold }), full, routed,
      ]
      report.tabulate(
        DerivedTable(
          "static", title: "One plan for all (\(plan)), and the map's, on the same questions",
          rows: AccuracyRow.all(rows.filter { answers[$0.row] != nil }, sides)))
      report.draw(figure("static", title: "MMLU accuracy, the map's plans and one for all"))
    }
    report.tabulate(DerivedTable("answers", title: "Which answers are chosen", rows: answerRows))
    report.tabulate(DerivedTable("plans", title: "Plans in use", rows: plans))
    return report
  }

  // MARK: - Findings

  /// The plans that really serve, not now and then.
  private var plansInUse: Int {
    plans.count { Double($0.questions) >= Exp017.leastShare * Double(rows.count) }
  }

  private var notWorse: Finding {
    .atLeast(
      pairs.differenceEstimate, threshold: -Exp017.points / 100, of: "subjects", show: .percent(2))
  }

  private var aboveChance: Finding {
    let finding = Finding.atLeast(
      aboveFloor, threshold: 0, of: "subjects", show: .percent(1))
    return finding.needing(
      finding.outcome == .holds, "not shown that there is anything to preserve under this protocol")
  }

  private var overhead: Finding {
    guard let fallback = evidence.comparison("fallback") else { return .open("nothing was timed") }
    return .atMost(
      fallback.overhead, threshold: Exp017.overhead, of: "processes", show: .percent(2),
      fewest: Finding.fewestProcesses)
  }

  private var conclusion: String {
    func percent(_ value: Double) -> String { NumberFormat.text(value, .percent(1), unit: "") }
    let all = pairs.questions
    let outcome =
      switch (aboveChance.outcome, notWorse.outcome) {
      case (.holds, .holds): "preserved"
      case (_, .fails): "lost"
      case (.holds, .open): "undecided"
      default: aboveFloor.value > 0 ? "undecided" : "nothing to preserve"
      }
    let routing = plansInUse < Exp017.fewestPlans ? "not routed" : "routed"
    let way =
      switch evidence.parameters["mode"] {
      case "soft": "blended"
      case "bridge": "bridged"
      default: "left out"
      }
    return "MMLU accuracy is \(percent(all.variant.rate)) with layers \(way), "
      + "\(percent(all.baseline.rate)) without, \(percent(floor)) by a constant answer: \(outcome); "
      + "\(routing) (\(Workload.count(plansInUse, "plans")))."
  }

  // MARK: - Figures in words

  /// The accuracy of always giving the best one answer, or of guessing if that is better.
  private var floor: Double { max(constantAccuracy, guessing) }

  private var constantAccuracy: Double {
    Proportion(of: rows.map { $0.gold == constant }).rate
  }

  private var guessing: Double {
    Bootstrap.mean(rows.map { 1 / Double(max($0.choiceCount, 1)) })
  }

  /// The full model's accuracy less the larger floor, on the same questions.
  private var aboveFloor: Estimate {
    let guesses = guessing > constantAccuracy
    return mean { row in
      let floor = guesses ? 1 / Double(max(row.choiceCount, 1)) : row.gold == constant ? 1 : 0
      return (row.baseline == row.gold ? 1 : 0) - floor
    }
  }

  /// A mean over questions; subjects are resampled, and counted.
  private func mean(_ value: (Exp017.Row) -> Double) -> Estimate {
    let subjects = Dictionary(grouping: rows, by: \.subject).sorted { $0.key < $1.key }
    return Bootstrap().mean(ofClusters: subjects.map { $0.value.map(value) })
  }

  private func summarize(in report: inout Report) {
    let all = pairs.questions
    report.summarize(
      "accuracy_difference", pairs.differenceEstimate,
      "routed less full, paired; subjects are resampled", compare: .absolute(0.01),
      show: .percent(2))
    report.summarize(
      SummaryValue(
        "design_effect", pairs.designEffect,
        "its variance over that of as many independent questions", compare: .absolute(0.1),
        show: .decimals(2)))
    report.summarize(
      SummaryValue(
        "mcnemar_p", all.pValue,
        "exact McNemar, as if questions were independent: \(all.lost) right answers lost, "
          + "\(all.gained) gained, n = \(all.count)", compare: .absolute(0.05), show: .decimals(5)))
    report.summarize(
      SummaryValue(
        "one_answer_always", constantAccuracy,
        "accuracy of always giving the answer that is right most often",
        compare: .absolute(0.005), show: .percent(1)))
    report.summarize(
      SummaryValue(
        "guessing", guessing, "accuracy of guessing: 1 / choices", compare: .absolute(0.005),
        show: .percent(1)))
    report.summarize(
      "above_floor", aboveFloor, "the full model's accuracy less the larger of these two",
      compare: .absolute(0.01), show: .percent(1))
    report.summarize(
      "answers_agree", share { $0.baseline == $0.variant }, "the same answer",
      compare: .absolute(0.01), show: .percent(1))
    report.summarize(
      "top_token_agrees", share { $0.baselineTop == $0.variantTop },
      "as the seed measured agreement: the same freely chosen first token",
      compare: .absolute(0.01), show: .percent(1))
    report.summarize(
      SummaryValue(
        "routed",
        (plansInUse < Exp017.fewestPlans ? "no: " : "yes: ") + Workload.count(plansInUse, "plans"),
        "plans with at least \(NumberFormat.text(Exp017.leastShare, .percent(0), unit: "")) of the "
          + "questions, at least \(Exp017.fewestPlans) asked, of \(plans.count) that occur"))
    report.summarize(
      SummaryValue(
        "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
        "questions that the full model answered", compare: .absolute(0.02), show: .percent(1)))
    let independent = Double(all.count) / max(pairs.designEffect, 1)
    let detectable = Paired.detectableDifference(
      trials: independent.isFinite ? Int(independent) : all.count,
      discordance: max(Double(all.lost + all.gained) / Double(all.count), 1e-6))
    report.summarize(
      SummaryValue(
        "detectable_difference", detectable ?? .nan,
        "smallest accuracy difference that these questions show with power 0.8, by the design effect",
        compare: .absolute(0.01), show: .percent(2)))
    summarizeTimes(in: &report)
  }

  private func summarizeTimes(in report: inout Report) {
    func milliseconds(_ name: String, _ value: Double, _ meaning: String) {
      report.summarize(
        SummaryValue(
          name, value, unit: "ms", meaning, compare: .ignored, show: .decimals(1)))
    }
    if let routed = evidence.comparison("routed") {
      milliseconds(
        "latency_full", routed.baselineMilliseconds,
        "a question's prompt, full model, median of \(routed.pairs.count)")
      milliseconds(
        "latency_routed", routed.variantMilliseconds,
        "the same, routed, look-up inside the clock")
      report.summarize(
        "routed_speedup", routed.speedup, "full over routed time, median of the pairs' ratios",
        compare: .ignored, show: .decimals(3))
    }
    if let fallback = evidence.comparison("fallback") {
      report.summarize(
        "routing_overhead", fallback.overhead,
        "time that routing adds to a full pass, median of the pairs' ratios", compare: .ignored,
        show: .percent(2))
    }
  }

  private func share(_ holds: (Exp017.Row) -> Bool) -> Estimate {
    ClusteredShare(rows, by: \.subject, where: holds).estimate
  }

  // MARK: - Tables

  private func figure(_ table: String, title: String, floor: Double? = nil) -> Figure {
    Figure(
      name: table, title: title, table: table,
      kind: .intervals(
        category: "model", value: "accuracy", lower: "accuracy_lower", upper: "accuracy_upper",
        series: nil),
      xLabel: "plan", yLabel: "accuracy", reference: floor,
      referenceLabel: floor.map { _ in "one answer always" })
  }

  private var answerRows: [AnswerRow] {
    let last = rows.map { max($0.gold, $0.baseline, $0.variant) }.max() ?? 0
    return (0...max(last, 0)).map { answer in
      AnswerRow(
        answer: MultipleChoiceFormat.letter(answer), gold: rows.count { $0.gold == answer },
        baseline: rows.count { $0.baseline == answer },
        variant: rows.count { $0.variant == answer })
    }
  }
}
