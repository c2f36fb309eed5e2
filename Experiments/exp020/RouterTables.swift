import AISHarness
import AISKit

extension RouterReport {
  func tabulateRouters(
    _ rankings: [(layer: Int, quality: RankingQuality)], in report: inout Report
  ) {
    report.tabulate(
      "routers", "Routers, on test texts", evidence.rows(of: CheckpointRow.self),
      [
        .cell("layer", "the layer after which it decides", \.layer),
        .cell("rows", "positions that it was trained on", \.rows),
        .cell("settled", "of those, the share that has settled", .share(within: 0.01)) {
          Double($0.settled) / Double(max($0.rows, 1))
        },
        .cell("epochs", "epochs before the weights that were kept", .within(10), \.epochs),
        .cell(
          "training_loss", "mean loss while that epoch was trained", .nats(within: 0.03),
          \.trainingLoss),
        .cell(
          "stopping_loss", "mean loss on the texts that say when to stop", .nats(within: 0.03),
          \.stoppingLoss),
        .estimate(
          "auroc", "area under the ROC curve on test texts, which are the clusters",
          .decimals(3, within: 0.03)
        ) { row in rankings.first { $0.layer == row.layer }?.quality.estimate },
        .cell(
          "ece", "mean distance of scores from shares, ten bins", .decimals(3, within: 0.03)
        ) { row in
          outcomes.scores.first { $0.layer == row.layer }.map {
            Reliability(scores: $0.rows.map(\.score), labels: $0.rows.map(\.settled)).expectedError
          } ?? .nan
        },
      ])
  }

  /// The threshold for a share of wrong exits, and its outcome on test texts.
  private struct Chosen {
    let risk: Double
    let bound: Bound
    let choice: RiskControl.Choice?
    let counts: TestCounts?
  }

  func tabulateThresholds(in report: inout Report) {
    let chosen = Exp020.risks.flatMap { risk in
      Bound.allCases.compactMap { bound -> Chosen? in
        let choice = outcomes.choices[bound]?[risk]
        if bound == .states {
          return Chosen(risk: risk, bound: bound, choice: choice, counts: states(risk))
        }
        guard choice != nil, Exp020.executedRisks.contains(risk) else { return nil }
        let counts = executedCounts(outcomes.threshold(bound, risk), bound)
        return Chosen(risk: risk, bound: bound, choice: choice, counts: counts)
      }
    }
    report.tabulate(
      "thresholds",
      "Thresholds chosen on validation texts: of new texts' tokens at most δ are wrong, mean over "
        + "texts, except with probability ε = \(Exp020.epsilon)", chosen,
      [
        .cell("delta", "δ: the share of wrong tokens that is allowed", .percent(0), \.risk),
        .cell("bound", "what counts as wrong", \.bound.rawValue),
        .cell(
          "threshold", "the threshold; above 1: none can be guaranteed", .decimals(3, within: 0.05)
        ) { $0.choice?.threshold ?? $0.counts?.threshold ?? RiskControl.never },
        .cell("validation_exits", "tokens that exit where it was chosen", .share) {
          $0.choice?.exitRate ?? .nan
        },
        .cell("validation_loss", "wrong tokens there, mean over texts", .share) {
          $0.choice?.step?.loss ?? .nan
        },
        .estimate("exits", "test tokens that exit", .share) { $0.counts?.exits.estimate },
        .estimate("loss", "wrong test tokens, mean over texts: what δ bounds", .share) {
          $0.counts?.loss
        },
        .estimate(
          "pooled_loss", "the same of all tokens together: no bound holds for it", .share
        ) { $0.counts?.pooledLoss },
        .cell("agreement", "of the test tokens that exit, those that exit rightly", .share) {
          $0.bound == .anyToken ? .nan : $0.counts?.agreement ?? .nan
        },
      ])
  }

  func tabulateExecuted(in report: inout Report) {
    let thresholds = Set(executed.filter { $0.split == ExecutedTrial.test }.map(\.threshold))
    let runs = thresholds.sorted(by: >).compactMap { threshold in
      executedCounts(threshold, .executed).flatMap { exits in
        executedCounts(threshold, .anyToken).map { (exits: exits, any: $0) }
      }
    }
    report.tabulate(
      "executed", "Exits executed on test texts", runs,
      [
        .cell("threshold", "the threshold", .exact(3)) { $0.exits.threshold },
        .cell("chosen_for", "which bounds and shares δ it was chosen for") { run in
          Bound.allCases.flatMap { bound in
            Exp020.executedRisks.filter { outcomes.threshold(bound, $0) == run.exits.threshold }
              .map { "\(bound.rawValue): " + $0.shown(.percent(0)) }
          }.joined(separator: "; ")
        },
        .estimate("exits", "tokens that exit", .share) { $0.exits.exits.estimate },
        .estimate(
          "wrong_exits", "tokens that exit with another prediction, mean over texts", .share
        ) { $0.exits.loss },
        .estimate(
          "any_wrong", "tokens with another prediction, exited or not, mean over texts", .share
        ) { $0.any.loss },
        .cell(
          "design_effect", "variance of the exit rate, texts over single tokens",
          .decimals(1, relative: 0.5)
        ) { $0.exits.exits.designEffect },
      ])
  }

  func tabulate(_ simulations: [Simulation], in report: inout Report) {
    report.tabulate(
      "simulation",
      "The guarantee on the full model's states, in \(Exp020.draws) draws of test texts",
      simulations,
      [
        .cell("delta", "wrong exits that are allowed, mean over texts", .percent(0), \.risk),
        .cell("chosen", "draws in which a threshold was found", .within(15), \.chosen),
        .cell(
          "violations", "draws whose threshold exceeds the share on all texts", .within(15),
          \.violations),
        .cell("exits", "tokens that exit, mean over draws", .share, \.exits),
      ])
  }

  /// Positions of one layer whose scores are near each other.
  private struct Bin {
    let layer: Int
    let score: Double
    let settled: ClusteredShare
  }

  func tabulateReliability(in report: inout Report) {
    let cells: [Cells<Bin>] = [
      .cell("layer", "the router's layer") { "layer \($0.layer)" },
      .cell("score", "mean score of the bin", .decimals(3, within: 0.02), \.score),
      .estimate(
        "settled", "share of its positions that has settled; texts are the clusters",
        .decimals(3, within: 0.1), \.settled.estimate),
      .cell("rows", "positions", .relative(0.2), \.settled.rows.trials),
      .cell(
        "design_effect", "variance of the share, texts over single positions",
        .decimals(1, relative: 0.5), \.settled.designEffect),
    ]
    let layers = outcomes.scores.filter { $0.layer + 1 >= minLayers }.map(bins)
    report.tabulate(
      "reliability", "Scores as probabilities, on test texts", layers.joined(), cells)
    // The first, the middle and the last layer: more curves hide each other.
    let shown = Set([0, layers.count / 2, layers.count - 1])
    report.tabulate(
      "reliability_curves", "Scores as probabilities",
      layers.indices.filter(shown.contains).flatMap { layers[$0] }, isShown: false, cells)
    report.draw(
      .lines(
        "reliability", "Scores as probabilities", of: "reliability_curves", "settled", by: "score",
        series: "layer", ideal: "score", xLabel: "mean score", yLabel: "share that has settled"))
  }

  private func bins(_ scores: (layer: Int, rows: [ScoreRow])) -> [Bin] {
    let bins = Reliability(
      scores: scores.rows.map(\.score), labels: scores.rows.map(\.settled)
    ).bins
    let groups = Dictionary(grouping: scores.rows) {
      min(bins.count - 1, Int($0.score * Float(bins.count)))
    }
    return bins.enumerated().filter { $0.element.count >= 20 }.map { place, bin in
      Bin(
        layer: scores.layer, score: bin.meanScore,
        settled: ClusteredShare(groups[place] ?? [], by: \.prompt, where: \.settled))
    }
  }

  /// On validation texts, since those alone were run at the whole grid.
  func tabulateCurve(in report: inout Report) {
    func points(
      _ bound: Bound, _ what: String, _ counts: (ExitOutcomes, Int) -> [Int]
    ) -> [(threshold: Double, what: String, share: Double)] {
      guard let known = outcomes.validation[bound] else { return [] }
      let step = bound == .states ? 4 : 1
      return known.thresholds.indices.reversed().filter { $0 % step == step - 1 }.map {
        (known.thresholds[$0], what, ExitOutcomes.mean(counts(known, $0), of: known.rows))
      }
    }
    report.tabulate(
      "curve", "Exits and errors by threshold",
      points(.states, "exit") { $0.exits[$1] }
        + points(.states, "exit wrongly") { $0.disagreements[$1] }
        + points(.executed, "exit, executed") { $0.exits[$1] }
        + points(.anyToken, "wrong, executed") { $0.disagreements[$1] }, isShown: false,
      [
        .cell("threshold", "the threshold") { $0.threshold },
        .cell("what", "which share") { $0.what },
        .cell("share", "of a validation text's tokens, mean over texts", .share) { $0.share },
      ])
    report.draw(
      .lines(
        "exits", "What exits and what is wrong: on the full model's states, and executed",
        of: "curve", "share", by: "threshold", hasBand: false, series: "what",
        xLabel: "threshold", yLabel: "share of tokens"))
  }
}
