import AISHarness
import AISKit

/// What the page says about routers, thresholds and their guarantees.
struct RouterReport {
  let evidence: Evidence<Exp020.Row>
  let outcomes: Outcomes
  let minLayers: Int
  let executed: [ExecutedRow]

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
    let simulations = Exp020.risks.compactMap(simulate)
    var report = Report()
    report.judge(
      rankings.filter { $0.layer + 1 >= minLayers }.map {
        NamedFinding(
          "ranking, layer \($0.layer)",
          .atLeast($0.quality.estimate, threshold: Exp020.area, of: "texts"))
      })
    report.judge(simulations.map(finding))
    report.judge("yield", yield)
    report.judge(executedFindings)
    for (name, rows) in [("ranking", rankings.isEmpty), ("guarantee", simulations.isEmpty)]
    where rows {
      report.judge(name, .open("the scores were not kept"))
    }
    report.conclude(conclusion)
    summarize(in: &report)
    tabulateRouters(rankings, in: &report)
    tabulateThresholds(in: &report)
    tabulateExecuted(in: &report)
    tabulate(simulations, in: &report)
    tabulateReliability(in: &report)
    tabulateCurve(in: &report)
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

  private func finding(_ row: Simulation) -> NamedFinding {
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
            measured: loss.shown(.percent(1)),
            asked: "not above " + risk.shown(.percent(0)),
            sample: Workload.count(loss.count, "texts")))
      }
    }
    return found.isEmpty
      ? [NamedFinding("executed", .open("no threshold was found, or exits were not executed"))]
      : found
  }

  private var conclusion: String {
    let decided =
      "With wrong exits bounded at \(Exp020.judged.shown(.percent(0))) (mean over texts, "
      + "ε = \(Exp020.epsilon)), \(judged.exits.rows.rate.shown(.percent(1))) of tokens exit"
    let threshold = outcomes.threshold(.executed, Exp020.judged)
    guard let counts = executedCounts(threshold, .executed) else { return decided + "." }
    return decided + "; with executed exits bounded, \(counts.exits.rows.rate.shown(.percent(1)))."
  }

  private func summarize(in report: inout Report) {
    let prompts = Set(evidence.rows.map(\.prompt)).count
    report.summarize("test_prompts", prompts, "prompts that judge; positions: every third")
    if let chance = chanceExits {
      report.summarize(
        "chance_exits", chance,
        "tokens that could exit by chance, after the checkpoint where most have settled, with wrong "
          + "exits of \(Exp020.judged) of all", .share)
    }
    report.summarize(
      "pooled_loss_10", states(0.1).pooledLoss,
      "at the threshold for δ = 10 %, wrong exits of all test tokens together: the bound is of the "
        + "mean over texts, not of this", .share)
  }

  // MARK: - Simulation

  /// How often the guarantee is violated over many draws of texts.
  struct Simulation {
    let risk: Double
    var chosen = 0
    var violations = 0
    /// Tokens that exit, mean over draws.
    var exits = 0.0
  }

  /// Simulates calibration: draws texts from the test texts, chooses a threshold on each draw, and
  /// counts how often its wrong exits on all of them exceed the share.
  private func simulate(_ risk: Double) -> Simulation? {
    guard let test = outcomes.test, let drawn = outcomes.validation[.states]?.rows.count else {
      return nil
    }
    let control = RiskControl(risk: risk, error: Exp020.epsilon)
    var random = SplitMix64(seed: 0)
    var row = Simulation(risk: risk)
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

  // MARK: - Counts

  func states(_ risk: Double) -> TestCounts {
    let rows = evidence.rows.filter { $0.risk == risk && $0.positions > 0 }
    return TestCounts(
      threshold: rows.first?.threshold ?? RiskControl.never, tokens: rows.map(\.positions),
      exited: rows.map(\.exits), wrong: rows.map(\.disagreements))
  }

  func executedCounts(_ threshold: Double, _ bound: Bound) -> TestCounts? {
    let rows = executed.filter {
      $0.split == ExecutedTrial.test && $0.threshold == threshold && $0.tokens > 0
    }
    if rows.isEmpty { return nil }
    return TestCounts(
      threshold: threshold, tokens: rows.map(\.tokens), exited: rows.map(\.exits),
      wrong: rows.map(bound.losses))
  }
}

/// What exits in the test texts at one threshold, and what is wrong.
struct TestCounts {
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
  static func mean(_ counts: [Int], of rows: [Int]) -> Double {
    let shares = zip(counts, rows).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
    return Bootstrap.mean(shares)
  }

  func loss(_ place: Int) -> Double { Self.mean(disagreements[place], of: rows) }
}

extension [ScoreRow] {
  /// How well the scores rank settled positions above others; texts are the clusters.
  fileprivate var ranking: RankingQuality {
    RankingQuality(
      scores: map(\.score), labels: map(\.settled), clusters: map(\.prompt))
  }
}
