import AISHarness
import AISKit
import Foundation

/// The exit routers' outcomes on texts that were used for nothing else.
struct TestOutcomes {
  private let calibration: RouterCalibration
  private let report: CalibrationReport
  private let labelled: LabelledRows
  private let scores: ExitScores
  private let categories: [String]
  private let outcomes: ExitOutcomes
  /// The threshold chosen for each share, on the texts of the guarantee.
  private let choices: [Double: RiskControl.Choice]

  init(
    _ calibration: RouterCalibration, _ report: CalibrationReport, _ labelled: LabelledRows,
    _ scores: ExitScores, categories: [String], outcomes: ExitOutcomes
  ) {
    self.calibration = calibration
    self.report = report
    self.labelled = labelled
    self.scores = scores
    self.categories = categories
    self.outcomes = outcomes
    choices = Dictionary(
      uniqueKeysWithValues: Exp020.risks.map { risk in
        var control = calibration.risk
        control.risk = risk
        return (risk, control.choose(report.outcomes))
      })
  }

  /// One test prompt under the threshold chosen for a share.
  func row(risk: Double, prompt: Int) -> Exp020.Row {
    var row = Exp020.Row()
    row.risk = risk
    row.threshold = choices[risk]?.threshold ?? RiskControl.never
    row.prompt = prompt
    row.category = categories[prompt]
    // Every prompt has rows, since its template continues after the opening.
    row.positions = outcomes.rows[prompt]
    if let place = outcomes.thresholds.firstIndex(of: row.threshold) {
      row.exits = outcomes.exits[place][prompt]
      row.disagreements = outcomes.disagreements[place][prompt]
    }
    return row
  }

  func report(in lab: Lab<Exp020.Row>) {
    let routers = routerRows()
    lab.tabulate(DerivedTable("routers", title: "Routers, on test texts", rows: routers))
    lab.tabulate(
      DerivedTable("thresholds", title: "Thresholds by guarantee", rows: thresholdRows(lab.rows)))
    let simulation = Exp020.risks.map { simulate($0, seed: lab.seed) }
    lab.tabulate(
      DerivedTable(
        "simulation", title: "The guarantee in \(Exp020.draws) draws of texts", rows: simulation))
    lab.tabulate(
      DerivedTable(
        "reliability", title: "Scores as probabilities", rows: reliabilityRows(), isShown: false))
    lab.tabulate(
      DerivedTable("curve", title: "Exits and errors by threshold", rows: curve(), isShown: false))
    lab.draw(
      Figure(
        name: "reliability", title: "Scores as probabilities", table: "reliability",
        kind: .lines(
          x: "score", value: "settled", lower: "lower", upper: "upper", series: "layer",
          ideal: "score"),
        xLabel: "mean score", yLabel: "share that has settled"))
    lab.draw(
      Figure(
        name: "exits", title: "What leaves and what goes wrong, by threshold", table: "curve",
        kind: .lines(
          x: "threshold", value: "share", lower: nil, upper: nil, series: "what", ideal: nil),
        xLabel: "threshold", yLabel: "share of tokens"))
    summarize(routers, simulation, in: lab)
  }

  private func summarize(
    _ routers: [RouterRow], _ simulation: [SimulationRow], in lab: Lab<Exp020.Row>
  ) {
    lab.summarize(
      SummaryValue(
        "min_layers", calibration.configuration.minLayers, "layers that must run before an exit"))
    lab.summarize(
      SummaryValue("test_prompts", categories.count, "prompts that judge; positions: every third"))
    for router in routers {
      for (part, value) in [
        ("auroc", router.area), ("auroc_lower", router.areaLower),
        ("auroc_upper", router.areaUpper),
      ] {
        lab.summarize(
          SummaryValue(
            "\(part)_layer_\(router.layer)", value, "see the table of routers",
            compare: .absolute(0.03), show: .hidden))
      }
    }
    // After a checkpoint, random exits are wrong as often as tokens there have not settled.
    let settled = scores.layers.indices
      .filter { scores.layers[$0] + 1 >= calibration.configuration.minLayers }
      .map { Bootstrap.mean(labelled.agrees[$0].map { $0 ? 1 : 0 }) }
    lab.summarize(
      SummaryValue(
        "chance_exits", min(1, Exp020.judged / (1 - (settled.max() ?? 0))),
        "tokens that could leave by chance, behind the checkpoint where most have settled, with wrong "
          + "exits of \(Exp020.judged) of all", compare: .absolute(0.02), show: .percent(1)))
    for row in simulation {
      lab.summarize(
        SummaryValue(
          SimulationRow.chosenName(row.risk), row.chosen,
          "draws of \(Exp020.draws) in which a threshold for \(row.risk) could be had",
          compare: .absolute(15)))
      lab.summarize(
        SummaryValue(
          SimulationRow.name(row.risk), row.violations,
          "draws of \(Exp020.draws) whose threshold exceeds the share \(row.risk) on all texts",
          compare: .absolute(15)))
    }
    let stages = report.seconds.map { "\($0.name) \(Int($0.seconds.rounded())) s" }
    lab.summarize(
      SummaryValue(
        "calibration_seconds", report.seconds.reduce(0) { $0 + $1.seconds }, unit: "s",
        "calibration on \(report.tokens) tokens: " + stages.joined(separator: ", "),
        compare: .ignored, show: .decimals(0)))
  }

  private func routerRows() -> [RouterRow] {
    report.checkpoints.map { checkpoint in
      var row = RouterRow()
      row.layer = checkpoint.layer
      row.rows = checkpoint.rows[.train] ?? 0
      row.settled = Double(checkpoint.positives[.train] ?? 0) / Double(max(row.rows, 1))
      row.epochs = checkpoint.bestEpoch
      row.trainingLoss = checkpoint.trainingLoss
      row.stoppingLoss = checkpoint.stoppingLoss
      guard let place = scores.layers.firstIndex(of: checkpoint.layer) else { return row }
      let labels = labels(place)
      let estimate = RankingQuality(
        scores: scores.values[place], labels: labels, clusters: labelled.texts
      ).estimate
      row.area = estimate.value
      row.areaLower = estimate.interval.lower
      row.areaUpper = estimate.interval.upper
      row.calibrationError = Reliability(scores: scores.values[place], labels: labels).expectedError
      return row
    }
  }

  private func labels(_ place: Int) -> [Bool] {
    switch calibration.label {
    case .agreement: labelled.agrees[place]
    case .cosine:
      labelled.cosines[place].map {
        Double($0) > calibration.configuration.convergenceThreshold
      }
    }
  }

  private func thresholdRows(_ rows: [Exp020.Row]) -> [ThresholdRow] {
    Exp020.risks.map { risk in
      let summary = ExitSummary(rows, risk: risk)
      let (loss, exitRate) = (summary.loss, summary.exitRate)
      var row = ThresholdRow()
      row.risk = risk
      row.threshold = choices[risk]?.threshold ?? RiskControl.never
      row.validationExits = choices[risk]?.exitRate ?? 0
      row.validationLoss = choices[risk]?.step?.loss ?? 0
      (row.exits, row.exitsLower, row.exitsUpper) = (
        exitRate.value, exitRate.interval.lower, exitRate.interval.upper
      )
      (row.loss, row.lossLower, row.lossUpper) = (
        loss.value, loss.interval.lower, loss.interval.upper
      )
      row.agreement = summary.agreement
      return row
    }
  }

  /// Simulates calibration: draws texts from the test texts, chooses a threshold on each draw, and
  /// counts how often its wrong exits on all of them exceed the share.
  private func simulate(_ risk: Double, seed: UInt64) -> SimulationRow {
    var control = calibration.risk
    control.risk = risk
    var random = SplitMix64(seed: seed)
    let count = outcomes.rows.count
    var row = SimulationRow()
    row.risk = risk
    var exits = 0.0
    for _ in 0..<Exp020.draws {
      let drawn = (0..<report.choice.texts).map { _ in random.index(below: count) }
      guard let threshold = control.choose(outcomes.choosing(drawn)).threshold,
        let place = outcomes.thresholds.firstIndex(of: threshold)
      else { continue }
      row.chosen += 1
      exits +=
        Double(outcomes.exits[place].reduce(0, +)) / Double(outcomes.rows.reduce(0, +))
      let losses = zip(outcomes.disagreements[place], outcomes.rows).map {
        Double($0) / Double(max($1, 1))
      }
      if Bootstrap.mean(losses) > risk { row.violations += 1 }
    }
    row.exits = exits / Double(Exp020.draws)
    return row
  }

  private func reliabilityRows() -> [ReliabilityRow] {
    scores.layers.indices.filter { scores.layers[$0] + 1 >= calibration.configuration.minLayers }
      .flatMap { place in
        Reliability(scores: scores.values[place], labels: labels(place)).bins
          .filter { $0.count >= 20 }
          .map { bin in
            let share = Proportion(successes: bin.positives, trials: bin.count)
            var row = ReliabilityRow()
            row.layer = "layer \(scores.layers[place])"
            row.score = bin.meanScore
            row.settled = share.rate
            (row.lower, row.upper) = (share.wilson().lower, share.wilson().upper)
            row.rows = bin.count
            return row
          }
      }
  }

  private func curve() -> [CurveRow] {
    let rows = Double(outcomes.rows.reduce(0, +))
    return [("leave", outcomes.exits), ("leave wrongly", outcomes.disagreements)].flatMap { kind in
      outcomes.thresholds.indices.reversed().filter { $0 % 4 == 3 }.map { place in
        CurveRow(
          threshold: outcomes.thresholds[place], what: kind.0,
          share: Double(kind.1[place].reduce(0, +)) / rows)
      }
    }
  }
}
