import AISHarness
import AISKit

/// What a threshold bounds: the mean over texts of a share of each text's tokens.
enum Bound: String, CaseIterable {
  /// Decided on the full model's states: tokens that would exit with another top token.
  case states = "exits on the full model's states"
  /// Really run: tokens that exit with another prediction than the full model's.
  case executed = "executed exits"
  /// Really run: tokens with another prediction, those too that do not exit.
  case anyToken = "executed, any token"

  /// The wrong tokens of a text whose exits were executed.
  func losses(_ row: ExecutedRow) -> Int {
    row.disagreements + (self == .anyToken ? row.changed : 0)
  }

  /// Texts whose exits were executed.
  func outcomes(_ rows: [ExecutedRow]) -> ExitOutcomes {
    ExitOutcomes(
      rows, above: \.threshold, text: \.text, rows: \.tokens, exits: \.exits, losses: losses)
  }
}

/// The thresholds, and what exits above them, from the raw rows.
struct Outcomes {
  /// Choices by bound and share; none for a bound whose rows are missing.
  let choices: [Bound: [Double: RiskControl.Choice]]
  /// Validation texts under every bound that was measured.
  let validation: [Bound: ExitOutcomes]
  /// Test texts, on the full model's states; `nil` without scores.
  let test: ExitOutcomes?
  /// The routers' scores on them, one list for each layer.
  let scores: [(layer: Int, rows: [ScoreRow])]

  init(
    scores: [ScoreRow], validation: [ValidationRow], executed: [ExecutedRow], minLayers: Int
  ) {
    let layers = Dictionary(grouping: scores, by: \.layer).sorted { $0.key < $1.key }
    self.scores = layers.map { ($0.key, $0.value) }
    test = layers.first.map { first in
      ExitOutcomes(
        scores: ExitScores(layers: layers.map(\.key), values: layers.map { $0.value.map(\.score) }),
        agrees: layers.map { $0.value.map(\.agrees) }, texts: first.value.map(\.prompt),
        minLayers: minLayers)
    }
    let run = executed.filter { $0.split == ExecutedTrial.validation }
    var known: [Bound: ExitOutcomes] = [:]
    if !validation.isEmpty {
      known[.states] = ExitOutcomes(
        validation, above: \.threshold, text: \.text, rows: \.positions, exits: \.exits,
        losses: \.disagreements)
    }
    if !run.isEmpty {
      for bound in [Bound.executed, .anyToken] { known[bound] = bound.outcomes(run) }
    }
    self.validation = known
    choices = known.mapValues { outcomes in
      Dictionary(
        uniqueKeysWithValues: Exp020.risks.map {
          ($0, RiskControl(risk: $0, error: Exp020.epsilon).choose(outcomes))
        })
    }
  }

  /// The threshold for a share; above every score if none can be guaranteed.
  func threshold(_ bound: Bound, _ risk: Double) -> Double {
    choices[bound]?[risk]?.threshold ?? RiskControl.never
  }

  /// The thresholds that the test texts are run at, in falling order.
  var executedThresholds: [Double] {
    let chosen = Bound.allCases.flatMap { bound in
      Exp020.executedRisks.compactMap { choices[bound]?[$0]?.threshold }
    }
    return Set(chosen).sorted(by: >)
  }
}
