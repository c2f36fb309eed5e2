import AISHarness
import AISKit

/// Tables, figures and findings about accuracy and look-up time.
struct AccuracyReport {
  private let evidence: Evidence<Exp017.Row>
  private let rows: [Exp017.Row]
  private let pairs: ClusteredPairs
  /// The answer that is right most often.
  private let constant: Int
  /// The rows of each plan, the most frequent first.
  private let plans: [RowGroup<String, Exp017.Row>]

  init(_ evidence: Evidence<Exp017.Row>) {
    self.evidence = evidence
    rows = evidence.rows
    pairs = ClusteredPairs(
      rows, by: \.subject, baseline: { $0.baseline == $0.gold }, variant: { $0.variant == $0.gold })
    let right = Dictionary(grouping: rows, by: \.gold).mapValues(\.count)
    constant = right.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    plans = rows.grouped(by: \.plan).sorted { ($0.rows.count, $0.key) > ($1.rows.count, $1.key) }
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
    let (full, routed): (Answering.Side, Answering.Side) = (
      ("full", { $0.baseline == $0.gold }), ("routed", { $0.variant == $0.gold })
    )
    report.tabulate("accuracy", "Accuracy", Answering.all(rows, [full, routed]), Answering.cells)
    report.draw(figure("accuracy", title: "MMLU accuracy, full and routed", floor: floor))
    // One plan for all, found on other prompts, has answered some of the questions too.
    let answers = Dictionary(
      evidence.rows(of: StaticAnswer.self).map { ($0.row, $0) }, uniquingKeysWith: { $1 })
    if let plan = answers.values.first?.plan {
      let sides: [Answering.Side] = [
        ("best static", { answers[$0.row]?.answer == $0.gold }), full, routed,
      ]
      report.tabulate(
        "static", "One plan for all (\(plan)), and the map's, on the same questions",
        Answering.all(rows.filter { answers[$0.row] != nil }, sides), Answering.cells)
      var picture = figure("static", title: "MMLU accuracy, the map's plans and one for all")
      picture.sample = Workload.count(answers.count, "questions")
      report.draw(picture)
    }
    tabulateAnswers(in: &report)
    tabulatePlans(in: &report)
    return report
  }

  // MARK: - Findings

  /// The plans that really serve, not now and then.
  private var plansInUse: Int {
    plans.count { Double($0.rows.count) >= Exp017.leastShare * Double(rows.count) }
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
    func percent(_ value: Double) -> String { value.shown(.percent(1)) }
    let all = pairs.questions
    let outcome =
      switch (aboveChance.outcome, notWorse.outcome) {
      case (.holds, .holds): "preserved"
      case (_, .fails): "lost"
      case (.holds, .open): "undecided"
      default: aboveFloor.value > 0 ? "undecided" : "nothing to preserve"
      }
    let routing = plansInUse < Exp017.fewestPlans ? "not routed" : "routed"
    let way = SkipMode.participle(evidence.parameters)
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
      "routed less full, paired; subjects are resampled", .share(within: 0.01, digits: 2))
    report.summarize(
      "design_effect", pairs.designEffect,
      "its variance over that of as many independent questions", .decimals(2, within: 0.1))
    report.summarize(
      "mcnemar_p", all.pValue,
      "exact McNemar, as if questions were independent: \(all.lost) right answers lost, "
        + "\(all.gained) gained, n = \(all.count)", .decimals(5, within: 0.05))
    report.summarize(
      "one_answer_always", constantAccuracy,
      "accuracy of always giving the answer that is right most often", .share(within: 0.005))
    report.summarize(
      "guessing", guessing, "accuracy of guessing: 1 / choices", .share(within: 0.005))
    report.summarize(
      "above_floor", aboveFloor, "the full model's accuracy less the larger of these two",
      .share(within: 0.01))
    report.summarize(
      "answers_agree", share { $0.baseline == $0.variant }, "the same answer", .share(within: 0.01))
    report.summarize(
      "top_token_agrees", share { $0.baselineTop == $0.variantTop },
      "as the seed measured agreement: the same freely chosen first token", .share(within: 0.01))
    report.summarize(
      "routed",
      (plansInUse < Exp017.fewestPlans ? "no: " : "yes: ") + Workload.count(plansInUse, "plans"),
      "plans with at least \(Exp017.leastShare.shown(.percent(0))) of the "
        + "questions, at least \(Exp017.fewestPlans) asked, of \(plans.count) that occur")
    report.summarize(
      "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
      "questions that the full model answered", .share)
    let independent = Double(all.count) / max(pairs.designEffect, 1)
    let detectable = Paired.detectableDifference(
      trials: independent.isFinite ? Int(independent) : all.count,
      discordance: max(Double(all.lost + all.gained) / Double(all.count), 1e-6))
    report.summarize(
      "detectable_difference", detectable ?? .nan,
      "smallest accuracy difference that these questions show with power 0.8, by the design effect",
      .share(within: 0.01, digits: 2))
    summarizeTimes(in: &report)
  }

  private func summarizeTimes(in report: inout Report) {
    if let routed = evidence.comparison("routed") {
      report.summarize(
        "latency_full", routed.baselineMilliseconds,
        "a question's prompt, full model, median of \(routed.pairs.count)",
        .unchecked(1, unit: "ms"))
      report.summarize(
        "latency_routed", routed.variantMilliseconds,
        "the same, routed, look-up inside the clock", .unchecked(1, unit: "ms"))
      report.summarize(
        "routed_speedup", routed.speedup, "full over routed time, median of the pairs' ratios",
        .unchecked(3))
    }
    if let fallback = evidence.comparison("fallback") {
      report.summarize(
        "routing_overhead", fallback.overhead,
        "time that routing adds to a full pass, median of the pairs' ratios",
        .uncheckedShare(digits: 2)
      )
    }
  }

  private func share(_ holds: (Exp017.Row) -> Bool) -> Estimate {
    ClusteredShare(rows, by: \.subject, where: holds).estimate
  }

  // MARK: - Tables

  private func figure(_ table: String, title: String, floor: Double? = nil) -> Figure {
    .intervals(
      table, title, "accuracy", by: "model", xLabel: "plan", yLabel: "accuracy", reference: floor,
      referenceLabel: floor.map { _ in "one answer always" })
  }

  private func tabulateAnswers(in report: inout Report) {
    let last = rows.map { max($0.gold, $0.baseline, $0.variant) }.max() ?? 0
    report.tabulate(
      "answers", "Which answers are chosen", 0...max(last, 0),
      [
        .cell("answer", "which answer", MultipleChoiceFormat.letter),
        .cell("gold", "questions where it is right") { answer in
          rows.count { $0.gold == answer }
        },
        .cell("baseline", "questions where the full model chooses it") { answer in
          rows.count { $0.baseline == answer }
        },
        .cell("variant", "questions where the routed model chooses it") { answer in
          rows.count { $0.variant == answer }
        },
      ])
  }

  private func tabulatePlans(in report: inout Report) {
    report.tabulate(
      "plans", "Plans in use", plans,
      [
        .cell("plan", "what was left out", \.key),
        .cell("questions", "questions that the map gave it to", \.rows.count),
        .cell("baseline_accuracy", "the full model's accuracy on them", .share) {
          Proportion(of: $0.rows.map { $0.baseline == $0.gold }).rate
        },
        .cell("variant_accuracy", "the routed model's", .share) {
          Proportion(of: $0.rows.map { $0.variant == $0.gold }).rate
        },
      ])
  }
}
