import AISHarness
import AISKit

/// A model's accuracy, for the picture.
struct AccuracyRow: ResultRow {
  var model = ""
  var accuracy = 0.0
  var lower = 0.0
  var upper = 0.0

  static let columns: [Column<AccuracyRow>] = [
    Column("model", \.model, "full, or routed"),
    Column(
      "accuracy", \.accuracy, "answers that are right", compare: .absolute(0.01), show: .percent(2)),
    Column(
      "lower", \.lower, "lower end of its 95 % interval (Wilson)", compare: .absolute(0.01),
      show: .percent(2)),
    Column(
      "upper", \.upper, "upper end of its 95 % interval", compare: .absolute(0.01),
      show: .percent(2)),
  ]
}

/// How often each answer is chosen.
struct AnswerRow: ResultRow {
  var answer = ""
  var gold = 0
  var baseline = 0
  var variant = 0

  static let columns: [Column<AnswerRow>] = [
    Column("answer", \.answer, "which answer"),
    Column("gold", \.gold, "questions where it is right"),
    Column("baseline", \.baseline, "questions where the full model chooses it"),
    Column("variant", \.variant, "questions where the routed model chooses it"),
  ]
}

/// A plan in use.
struct PlanRow: ResultRow {
  var plan = ""
  var questions = 0
  var baseline = 0.0
  var variant = 0.0

  static let columns: [Column<PlanRow>] = [
    Column("plan", \.plan, "what was left out"),
    Column("questions", \.questions, "questions that the map gave it to"),
    Column(
      "baseline_accuracy", \.baseline, "the full model's accuracy on them",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "variant_accuracy", \.variant, "the routed model's", compare: .absolute(0.02),
      show: .percent(1)),
  ]
}

/// Tables and findings about accuracy from the rows.
struct AccuracySummary {
  private let rows: [Exp017.Row]
  private let pairs: Paired

  init(rows: [Exp017.Row]) {
    self.rows = rows
    pairs = Paired(
      baseline: rows.map { $0.baseline == $0.gold }, variant: rows.map { $0.variant == $0.gold })
  }

  /// Whether the routed model is at most `points` percentage points worse.
  func notWorse(byPoints points: Double) -> Finding {
    let finding = Finding.atLeast(
      Estimate(
        value: pairs.difference, interval: pairs.differenceInterval(), count: pairs.count),
      threshold: -points / 100, of: "questions", show: .percent(2))
    let needed = PairedDifferences(
      baseline: rows.map { $0.baseline == $0.gold ? 1 : 0 },
      variant: rows.map { $0.variant == $0.gold ? 1 : 0 }
    ).trialsToSettle(against: -points / 100)
    return finding.needing(
      finding.outcome != .open,
      needed.map { "n ≈ \(NumberFormat.text(.integer($0), .automatic)) would settle it" }
        ?? "no n would settle it at this difference")
  }

  /// Whether the full model is better than always giving the most frequent right answer.
  func aboveChance() -> Finding {
    let interval = pairs.baseline.wilson()
    let known = Finding.met(
      true,
      measured: NumberFormat.text(pairs.baseline.rate, .percent(1), unit: "") + " "
        + NumberFormat.text(interval, .percent(1)),
      asked: "> " + NumberFormat.text(chance, .percent(1), unit: "") + ", one answer always",
      sample: Workload.count(pairs.count, "questions"))
    return known.needing(
      interval.lower > chance, "there is nothing to preserve under this protocol")
  }

  /// Whether any question was answered with layers left out.
  func leavesOut() -> Finding {
    .somethingLeftOut(rows.map { $0.plan != DepthPlan.full.summary }, of: "questions")
  }

  /// The accuracy of the best single answer.
  private var chance: Double {
    let shares = Dictionary(grouping: rows, by: \.gold).values.map(\.count)
    return Double(shares.max() ?? 0) / Double(max(rows.count, 1))
  }

  private var discordance: Double { Double(pairs.lost + pairs.gained) / Double(pairs.count) }

  func report(in lab: Lab<Exp017.Row>) {
    let models = [("full", pairs.baseline), ("routed", pairs.variant)].map { name, proportion in
      var row = AccuracyRow()
      row.model = name
      row.accuracy = proportion.rate
      (row.lower, row.upper) = (proportion.wilson().lower, proportion.wilson().upper)
      return row
    }
    lab.tabulate(DerivedTable("accuracy", title: "Accuracy", rows: models))
    lab.draw(
      Figure(
        name: "accuracy", title: "MMLU accuracy, full and routed", table: "accuracy",
        kind: .intervals(
          category: "model", value: "accuracy", lower: "lower", upper: "upper", series: nil),
        yLabel: "accuracy", reference: chance, referenceLabel: "one answer always"))
    lab.tabulate(DerivedTable("answers", title: "Which answers are chosen", rows: answers()))
    lab.tabulate(DerivedTable("plans", title: "Plans in use", rows: plans()))
    summarize(in: lab)
  }

  private func summarize(in lab: Lab<Exp017.Row>) {
    lab.summarize(
      SummaryValue(
        "accuracy_difference", pairs.difference, in: pairs.differenceInterval(),
        "routed less full (Newcombe, paired)",
        compare: .absolute(0.01), show: .percent(2)))
    lab.summarize(
      SummaryValue(
        "mcnemar_p", pairs.pValue,
        "exact McNemar: \(pairs.lost) right answers lost, \(pairs.gained) gained, "
          + "n = \(pairs.count)", compare: .absolute(0.05), show: .decimals(5)))
    let agreeing = Proportion(of: rows.map { $0.baseline == $0.variant })
    lab.summarize(
      SummaryValue(
        "answers_agree", agreeing.rate, in: agreeing.wilson(), "the same answer",
        compare: .absolute(0.01), show: .percent(1)))
    lab.summarize(
      SummaryValue(
        "one_answer_always", chance,
        "accuracy of always giving the answer that is right most often",
        compare: .absolute(0.005), show: .percent(1)))
    let tops = Proportion(of: rows.map { $0.baselineTop == $0.variantTop })
    lab.summarize(
      SummaryValue(
        "top_token_agrees", tops.rate,
        "as the seed measured agreement: the same freely chosen first token",
        compare: .absolute(0.01), show: .percent(1)))
    lab.summarize(
      SummaryValue(
        "distinct_plans", Set(rows.map(\.plan)).count, "different plans in use on these questions"))
    lab.summarize(
      SummaryValue(
        "fallback_rate", Proportion(of: rows.map(\.isFallback)).rate,
        "questions that the full model answered", compare: .absolute(0.02), show: .percent(1)))
    let detectable = Paired.detectableDifference(
      trials: pairs.count, discordance: max(discordance, 1e-6))
    lab.summarize(
      SummaryValue(
        "detectable_difference", detectable ?? .nan,
        "smallest accuracy difference that these questions show with power 0.8",
        compare: .absolute(0.01), show: .percent(2)))
  }

  private func answers() -> [AnswerRow] {
    let last = rows.map { max($0.gold, $0.baseline, $0.variant) }.max() ?? 0
    return (0...last).map { answer in
      var row = AnswerRow()
      row.answer = MultipleChoiceFormat.letter(answer)
      row.gold = rows.filter { $0.gold == answer }.count
      row.baseline = rows.filter { $0.baseline == answer }.count
      row.variant = rows.filter { $0.variant == answer }.count
      return row
    }
  }

  private func plans() -> [PlanRow] {
    Dictionary(grouping: rows, by: \.plan).sorted {
      ($0.value.count, $0.key) > ($1.value.count, $1.key)
    }
    .map { plan, rows in
      var row = PlanRow()
      row.plan = plan
      row.questions = rows.count
      row.baseline = Proportion(of: rows.map { $0.baseline == $0.gold }).rate
      row.variant = Proportion(of: rows.map { $0.variant == $0.gold }).rate
      return row
    }
  }
}
