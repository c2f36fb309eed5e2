import AISHarness
import AISKit

/// What the page says about routers, thresholds and their guarantees.
struct RouterReport {
  private let evidence: Evidence<Exp020.Row>
  private let outcomes: Outcomes
  private let minLayers: Int
  private let executed: [ExecutedRow]

  init(_ evidence: Evidence<Exp020.Row>) {
    self.evidence = evidence
    minLayers = Int(evidence.number("min_layers") ?? 0)
    executed = evidence.rows(of: ExecutedRow.self)
    outcomes = Outcomes(
      scores: evidence.rows(of: ScoreRow.self), validation: evidence.rows(of: ValidationRow.self),
      executed: executed, minLayers: minLayers)
  }

  var report: Report {
    let rankings = outcomes.scores.map { (layer: $0.layer, quality: $0.rows.ranking) }
    let simulation = Exp020.risks.compactMap(simulate)
    let reliability = outcomes.scores.filter { $0.layer + 1 >= minLayers }
    var report = Report()
    report.judge(
      rankings.filter { $0.layer + 1 >= minLayers }.map {
        NamedFinding(
          "ranking, layer \($0.layer)",
          .atLeast($0.quality.estimate, threshold: Exp020.area, of: "texts"))
      })
    report.judge(simulation.map(finding))
    report.judge("yield", yield)
    report.judge(executedFindings)
    for (name, rows) in [("ranking", rankings.isEmpty), ("guarantee", simulation.isEmpty)]
    where rows {
      report.judge(name, .open("the scores were not kept"))
    }
    report.conclude(conclusion)
    summarize(in: &report)
    report.tabulate(
      DerivedTable("routers", title: "Routers, on test texts", rows: routerRows(rankings)))
    report.tabulate(
      DerivedTable(
        "thresholds",
        title:
          "Thresholds chosen on validation texts: of new texts' tokens at most δ are wrong, mean over "
          + "texts, except with probability ε = \(Exp020.epsilon)",
        rows: thresholdRows))
    report.tabulate(
      DerivedTable("executed", title: "Exits executed on test texts", rows: executionRows))
    report.tabulate(
      DerivedTable(
        "simulation",
        title: "The guarantee on the full model's states, in \(Exp020.draws) draws of test texts",
        rows: simulation))
    report.tabulate(
      DerivedTable(
        "reliability", title: "Scores as probabilities, on test texts",
        rows: reliability.flatMap(reliabilityRows)))
    // The first, the middle and the last layer: more curves hide each other.
    let shown = Set([0, reliability.count / 2, reliability.count - 1])
    report.tabulate(
      DerivedTable(
        "reliability_curves", title: "Scores as probabilities",
        rows: reliability.indices.filter(shown.contains).flatMap {
          reliabilityRows(reliability[$0])
        },
        isShown: false))
    report.tabulate(
      DerivedTable("curve", title: "Exits and errors by threshold", rows: curve, isShown: false))
    report.draw(
      Figure(
        name: "reliability", title: "Scores as probabilities", table: "reliability_curves",
        kind: .lines(
          x: "score", value: "settled", lower: "settled_lower", upper: "settled_upper",
          series: "layer", ideal: "score"),
        xLabel: "mean score", yLabel: "share that has settled"))
    report.draw(
      Figure(
        name: "exits",
        title: "What exits and what is wrong: on the full model's states, and executed",
        table: "curve",
        kind: .lines(
          x: "threshold", value: "share", lower: nil, upper: nil, series: "what", ideal: nil),
        xLabel: "threshold", yLabel: "share of tokens"))
    return report
  }

  // MARK: - Findings

  private var judged: TestCounts { states(Exp020.judged) }

  private var yield: Finding {
    guard let chance = chanceExits else { return .open("the scores were not kept") }
    return .atLeast(
      judged.exits.estimate, threshold: chance, of: "texts", show: .percent(1))
  }

  /// How many tokens could exit by chance: after a checkpoint, random exits are wrong as often as
  /// tokens there have not settled.
  private var chanceExits: Double? {
    let agreement = outcomes.scores.filter { $0.layer + 1 >= minLayers && !$0.rows.isEmpty }
      .map { Proportion(of: $0.rows.map(\.agrees)).rate }.max()
    return agreement.map { min(1, Exp020.judged / (1 - $0)) }
  }

  private func finding(_ row: SimulationRow) -> NamedFinding {
    NamedFinding(
      "guarantee, \(row.risk)",
      .met(
        row.violations <= Exp020.mostViolations, measured: "\(row.violations) exceed the share",
        asked: "≤ \(Exp020.mostViolations)", sample: "\(Exp020.draws) draws"
      ).needing(
        row.chosen * 2 >= Exp020.draws, "a threshold was found in \(row.chosen) draws alone"))
  }

  private var executedFindings: [NamedFinding] {
    let found = Exp020.executedRisks.flatMap { risk in
      [Bound.executed, .anyToken].compactMap { bound -> NamedFinding? in
        guard let counts = executedCounts(outcomes.threshold(bound, risk), bound) else {
          return nil
        }
        let loss = counts.loss
        return NamedFinding(
          "executed, \(risk)" + (bound == .anyToken ? " of any token" : ""),
          .met(
            loss.anytime.lower <= risk,
            measured: NumberFormat.text(loss.value, .percent(1), unit: "") + " "
              + NumberFormat.text(loss.interval, .percent(1)),
            asked: "not above " + NumberFormat.text(risk, .percent(0), unit: ""),
            sample: Workload.count(loss.count, "texts")))
      }
    }
    return found.isEmpty
      ? [NamedFinding("executed", .open("no threshold was found, or exits were not executed"))]
      : found
  }

  private var conclusion: String {
    func percent(_ share: Double) -> String { NumberFormat.text(share, .percent(1), unit: "") }
    let share = NumberFormat.text(Exp020.judged, .percent(0), unit: "")
    let decided =
      "With wrong exits bounded at \(share) (mean over texts, ε = \(Exp020.epsilon)), "
      + "\(percent(judged.exits.rows.rate)) of tokens exit"
    let threshold = outcomes.threshold(.executed, Exp020.judged)
    guard let counts = executedCounts(threshold, .executed) else { return decided + "." }
    return decided + "; with executed exits bounded, \(percent(counts.exits.rows.rate))."
  }

  private func summarize(in report: inout Report) {
    let prompts = Set(evidence.rows.map(\.prompt)).count
    report.summarize(
      SummaryValue("test_prompts", prompts, "prompts that judge; positions: every third"))
    if let chance = chanceExits {
      report.summarize(
        SummaryValue(
          "chance_exits", chance,
          "tokens that could exit by chance, after the checkpoint where most have settled, with wrong "
            + "exits of \(Exp020.judged) of all", compare: .absolute(0.02), show: .percent(1)))
    }
    report.summarize(
      "pooled_loss_10", states(0.1).pooledLoss,
      "at the threshold for δ = 10 %, wrong exits of all test tokens together: the bound is of the "
        + "mean over texts, not of this", compare: .absolute(0.02), show: .percent(1))
  }

  // MARK: - Tables

  private func routerRows(_ rankings: [(layer: Int, quality: RankingQuality)]) -> [RouterRow] {
    evidence.rows(of: CheckpointRow.self).map { checkpoint in
      var row = RouterRow()
      (row.layer, row.rows, row.epochs) = (checkpoint.layer, checkpoint.rows, checkpoint.epochs)
      row.settled = Double(checkpoint.settled) / Double(max(checkpoint.rows, 1))
      (row.trainingLoss, row.stoppingLoss) = (checkpoint.trainingLoss, checkpoint.stoppingLoss)
      row.area = EstimateCells(rankings.first { $0.layer == row.layer }?.quality.estimate)
      if let scores = outcomes.scores.first(where: { $0.layer == row.layer })?.rows {
        row.calibrationError =
          Reliability(scores: scores.map(\.score), labels: scores.map(\.settled)).expectedError
      }
      return row
    }
  }

  private var thresholdRows: [ThresholdRow] {
    Exp020.risks.flatMap { risk in
      Bound.allCases.compactMap { bound -> ThresholdRow? in
        let choice = outcomes.choices[bound]?[risk]
        let counts =
          bound == .states
          ? states(risk) : executedCounts(outcomes.threshold(bound, risk), bound)
        guard bound == .states || (choice != nil && Exp020.executedRisks.contains(risk)) else {
          return nil
        }
        var row = ThresholdRow()
        (row.risk, row.bound) = (risk, bound.rawValue)
        row.threshold = choice?.threshold ?? counts?.threshold ?? RiskControl.never
        row.validationExits = choice?.exitRate ?? .nan
        row.validationLoss = choice?.step?.loss ?? .nan
        row.exits = EstimateCells(counts?.exits.estimate)
        row.loss = EstimateCells(counts?.loss)
        row.pooled = EstimateCells(counts?.pooledLoss)
        if bound != .anyToken { row.agreement = counts?.agreement ?? .nan }
        return row
      }
    }
  }

  private var executionRows: [ExecutionRow] {
    let thresholds = Set(executed.filter { $0.split == ExecutedTrial.test }.map(\.threshold))
    return thresholds.sorted(by: >).compactMap { threshold in
      guard let exits = executedCounts(threshold, .executed),
        let any = executedCounts(threshold, .anyToken)
      else { return nil }
      let chosen = Bound.allCases.flatMap { bound in
        Exp020.executedRisks.filter { outcomes.threshold(bound, $0) == threshold }.map {
          "\(bound.rawValue): " + NumberFormat.text($0, .percent(0), unit: "")
        }
      }
      return ExecutionRow(
        threshold: threshold, chosen: chosen.joined(separator: "; "),
        exits: EstimateCells(exits.exits.estimate), wrong: EstimateCells(exits.loss),
        changed: EstimateCells(any.loss), designEffect: exits.exits.designEffect)
    }
  }

  /// Simulates calibration: draws texts from the test texts, chooses a threshold on each draw, and
  /// counts how often its wrong exits on all of them exceed the share.
  private func simulate(_ risk: Double) -> SimulationRow? {
    guard let test = outcomes.test, let drawn = outcomes.validation[.states]?.rows.count else {
      return nil
    }
    let control = RiskControl(risk: risk, error: Exp020.epsilon)
    var random = SplitMix64(seed: 0)
    var row = SimulationRow(risk: risk)
    var exits = 0.0
    for _ in 0..<Exp020.draws {
      let texts = (0..<drawn).map { _ in random.index(below: test.rows.count) }
      guard let threshold = control.choose(test.choosing(texts)).threshold,
        let place = test.thresholds.firstIndex(of: threshold)
      else { continue }
      row.chosen += 1
      exits += Double(test.exits[place].reduce(0, +)) / Double(test.rows.reduce(0, +))
      if test.loss(place) > risk { row.violations += 1 }
    }
    row.exits = exits / Double(Exp020.draws)
    return row
  }

  private func reliabilityRows(_ scores: (layer: Int, rows: [ScoreRow])) -> [ReliabilityRow] {
    let bins = Reliability(
      scores: scores.rows.map(\.score), labels: scores.rows.map(\.settled)
    ).bins
    let groups = Dictionary(grouping: scores.rows) {
      min(bins.count - 1, Int($0.score * Float(bins.count)))
    }
    return bins.enumerated().filter { $0.element.count >= 20 }.map { place, bin in
      let share = ClusteredShare(groups[place] ?? [], by: \.prompt, where: \.settled)
      return ReliabilityRow(
        layer: "layer \(scores.layer)", score: bin.meanScore,
        settled: EstimateCells(share.estimate), rows: bin.count, designEffect: share.designEffect)
    }
  }

  /// On validation texts, since those alone were run at the whole grid.
  private var curve: [CurveRow] {
    func points(_ bound: Bound, _ what: String, _ counts: (ExitOutcomes, Int) -> [Int])
      -> [CurveRow]
    {
      guard let known = outcomes.validation[bound] else { return [] }
      let step = bound == .states ? 4 : 1
      return known.thresholds.indices.reversed().filter { $0 % step == step - 1 }.map { place in
        CurveRow(
          threshold: known.thresholds[place], what: what,
          share: ExitOutcomes.mean(counts(known, place), of: known.rows))
      }
    }
    return points(.states, "exit") { $0.exits[$1] }
      + points(.states, "exit wrongly") { $0.disagreements[$1] }
      + points(.executed, "exit, executed") { $0.exits[$1] }
      + points(.anyToken, "wrong, executed") { $0.disagreements[$1] }
  }

  // MARK: - Counts

  private func states(_ risk: Double) -> TestCounts {
    let rows = evidence.rows.filter { $0.risk == risk && $0.positions > 0 }
    return TestCounts(
      threshold: rows.first?.threshold ?? RiskControl.never, tokens: rows.map(\.positions),
      exited: rows.map(\.exits), wrong: rows.map(\.disagreements))
  }

  private func executedCounts(_ threshold: Double, _ bound: Bound) -> TestCounts? {
    let rows = executed.filter {
      $0.split == ExecutedTrial.test && $0.threshold == threshold && $0.tokens > 0
    }
    if rows.isEmpty { return nil }
    return TestCounts(
      threshold: threshold, tokens: rows.map(\.tokens), exited: rows.map(\.exits),
      wrong: rows.map { $0.disagreements + (bound == .anyToken ? $0.changed : 0) })
  }
}

/// What exits in the test texts at one threshold, and what is wrong.
private struct TestCounts {
  let threshold: Double
  let tokens: [Int]
  let exited: [Int]
  let wrong: [Int]

  var exits: ClusteredShare { ClusteredShare(successes: exited, trials: tokens) }

  /// The mean over texts of the share of wrong tokens, which the threshold bounds.
  var loss: Estimate {
    Bootstrap().mean(of: zip(wrong, tokens).map { Double($0) / Double($1) })
  }

  var pooledLoss: Estimate { ClusteredShare(successes: wrong, trials: tokens).estimate }

  /// The share of exited tokens that are right, if only exited ones can be wrong.
  var agreement: Double {
    let count = exited.reduce(0, +)
    return Double(count - wrong.reduce(0, +)) / Double(count)
  }
}

extension ExitOutcomes {
  /// The mean over texts of a share of each text's rows.
  fileprivate static func mean(_ counts: [Int], of rows: [Int]) -> Double {
    let shares = zip(counts, rows).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
    return Bootstrap.mean(shares)
  }

  fileprivate func loss(_ place: Int) -> Double { Self.mean(disagreements[place], of: rows) }
}

extension [ScoreRow] {
  /// How well the scores rank settled positions above others; texts are the clusters.
  fileprivate var ranking: RankingQuality {
    RankingQuality(
      scores: map(\.score), labels: map(\.settled), clusters: map(\.prompt))
  }
}
