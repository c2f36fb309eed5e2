import AISKit
import Foundation
import Testing

/// The guarantee, by simulation: many calibrations on a population whose risk is known.
struct RiskControlTests {
  /// Texts whose tokens share a difficulty.
  ///
  /// A token has a random score. The probability that its exit is wrong falls with the score and
  /// rises with the difficulty.
  private struct Population {
    var random: SplitMix64
    /// The share of texts that have all the errors; 0: errors do not depend on the text.
    let spread: Double
    var tokens = 40

    /// A text's tokens: scores after two layers, and whether exiting there would be right.
    mutating func text() -> [(scores: [Float], agrees: [Bool])] {
      let hardness = random.unit()
      return (0..<tokens).map { _ in
        var (scores, agrees) = ([Float](), [Bool]())
        for layer in 0..<2 {
          let score = random.unit()
          scores.append(Float(score))
          let own = 1 - score * (layer == 0 ? 0.9 : 1)
          // A few texts have all the errors.
          let wrong = hardness < spread ? min(1, own / spread) : spread > 0 ? 0 : own
          agrees.append(random.unit() >= wrong)
        }
        return (scores, agrees)
      }
    }

    mutating func outcomes(texts: Int) -> ExitOutcomes {
      var (scores, agrees, owners) = ([[Float]]([[], []]), [[Bool]]([[], []]), [Int]())
      for owner in 0..<texts {
        for token in text() {
          for layer in 0..<2 {
            scores[layer].append(token.scores[layer])
            agrees[layer].append(token.agrees[layer])
          }
          owners.append(owner)
        }
      }
      return ExitOutcomes(
        scores: ExitScores(layers: [3, 7], values: scores), agrees: agrees, texts: owners,
        minLayers: 0)
    }
  }

  /// The risk at each threshold, from a draw that is large enough to neglect chance.
  private static func truth(spread: Double) -> ExitOutcomes {
    var population = Population(random: SplitMix64(seed: 99), spread: spread, tokens: 4)
    return population.outcomes(texts: 60_000)
  }

  private static func risks(_ truth: ExitOutcomes) -> [Double: Double] {
    let rows = Double(truth.rows.reduce(0, +))
    return Dictionary(
      uniqueKeysWithValues: zip(truth.thresholds, truth.disagreements).map {
        ($0, Double($1.reduce(0, +)) / rows)
      })
  }

  /// Over 200 calibrations: how many chose a threshold with too large a true risk, how many chose a
  /// threshold at all, and the achieved share of the possible exits.
  private static func trial(
    _ control: RiskControl, spread: Double, texts: Int, seed: UInt64
  ) -> (violations: Int, chosen: Int, share: Double) {
    let risks = risks(truth(spread: spread))
    // The lowest threshold whose true risk is small enough.
    let best = RiskControl.thresholds.last { (risks[$0] ?? 1) <= control.risk } ?? 1
    var (violations, chosen, share) = (0, 0, 0.0)
    var population = Population(random: SplitMix64(seed: seed), spread: spread)
    for _ in 0..<200 {
      let choice = control.choose(population.outcomes(texts: texts))
      guard let threshold = choice.threshold else { continue }
      chosen += 1
      share += (1 - threshold) / (1 - best) / 200
      if (risks[threshold] ?? 1) > control.risk { violations += 1 }
    }
    return (violations, chosen, share)
  }

  /// 200 draws at ε = 0.1: 30 is the binomial's upper quantile for 1 − 0.985.
  private static let mostViolations = 30

  @Test(arguments: [0.0, 0.2, 0.6])
  func theTextUnitKeepsItsPromiseWhateverTheSpread(spread: Double) {
    let trial = Self.trial(
      RiskControl(risk: 0.05, error: 0.1, unit: .text), spread: spread, texts: 250, seed: 1)
    #expect(trial.violations <= Self.mostViolations)
    // The guarantee is not void: nearly every calibration chooses a threshold, with most of the
    // possible exits.
    #expect(trial.chosen >= 190)
    #expect(trial.share > (spread == 0.2 ? 0.5 : 0.7))
  }

  @Test func theTokenUnitKeepsItsPromiseOnIndependentTokens() {
    let trial = Self.trial(
      RiskControl(risk: 0.05, error: 0.1, unit: .token), spread: 0, texts: 100, seed: 2)
    #expect(trial.violations <= Self.mostViolations && trial.chosen == 200)
  }

  /// This is why texts are the default unit.
  @Test func theTokenUnitBreaksItsPromiseWhereTokensOfATextAreAlike() {
    let trial = Self.trial(
      RiskControl(risk: 0.05, error: 0.1, unit: .token), spread: 0.2, texts: 100, seed: 3)
    #expect(trial.violations > Self.mostViolations + 10)
  }

  @Test func tooFewTextsGuaranteeNothing() {
    let control = RiskControl(risk: 0.05, error: 0.1)
    let fewest = BettingTest.fewest(meanAtLeast: 0.05, pValue: 0.1)
    func outcomes(_ texts: Int) -> ExitOutcomes {
      ExitOutcomes(
        scores: ExitScores(
          layers: [0], values: [[Float]](repeating: [Float](repeating: 0.5, count: texts), count: 1)
        ),
        agrees: [[Bool](repeating: true, count: texts)], texts: Array(0..<texts), minLayers: 0)
    }
    let none = control.choose(outcomes(fewest - 2))
    #expect(none.threshold == nil && none.steps.count == 1 && none.exitRate == 0)
    let some = control.choose(outcomes(fewest))
    // No exit is wrong, so every threshold passes, and below 0.5 all rows exit.
    #expect(some.threshold == RiskControl.thresholds.last && some.exitRate == 1)
    #expect(some.texts == fewest && some.step?.disagreements == 0)
  }

  @Test func testingEndsAtTheFirstFailure() throws {
    // Rows with scores above 0.7 are always wrong, all others right. So lower thresholds are never
    // tested.
    let scores: [Float] = (0..<400).map { Float($0 % 100) / 100 }
    let outcomes = ExitOutcomes(
      scores: ExitScores(layers: [1], values: [scores]), agrees: [scores.map { $0 <= 0.7 }],
      texts: Array(scores.indices), minLayers: 0)
    let choice = RiskControl(risk: 0.05, error: 0.1).choose(outcomes)
    let threshold = try #require(choice.threshold)
    #expect(threshold > 0.9)
    #expect(choice.steps.last?.pValue ?? 0 > 0.1)
    #expect(choice.steps.dropLast().allSatisfy { $0.pValue <= 0.1 })
    #expect(choice.steps.map(\.threshold) == Array(outcomes.thresholds.prefix(choice.steps.count)))
  }

  @Test func rowsExitAfterTheFirstLayerThatMay() {
    let scores = ExitScores(
      layers: [3, 7, 11], values: [[0.9, 0.2, 0.1], [0.5, 0.8, 0.1], [0.95, 0.95, 0.5]])
    #expect(scores.exitLayers(threshold: 0.7, minLayers: 0) == [3, 7, -1])
    // After layer 3 four layers have run.
    #expect(scores.exitLayers(threshold: 0.7, minLayers: 4) == [3, 7, -1])
    #expect(scores.exitLayers(threshold: 0.7, minLayers: 5) == [11, 7, -1])
    // After layer 7 eight layers have run. A score that equals the threshold is not above it.
    #expect(scores.exitLayers(threshold: 0.5, minLayers: 8) == [11, 7, -1])
    #expect(scores.exitLayers(threshold: 0.5, minLayers: 9) == [11, 11, -1])
    #expect(scores.exitLayers(threshold: RiskControl.never, minLayers: 0) == [-1, -1, -1])
    let outcomes = ExitOutcomes(
      scores: scores, agrees: [[true, true, true], [false, false, false], [true, true, true]],
      texts: [4, 4, 9], minLayers: 0, thresholds: [0.7, 0.3])
    #expect(outcomes.rows == [2, 1] && outcomes.exits == [[2, 0], [2, 1]])
    #expect(outcomes.disagreements == [[1, 0], [1, 0]])
    let twice = outcomes.choosing([1, 0, 0])
    #expect(twice.rows == [1, 2, 2] && twice.exits == [[0, 2, 2], [1, 2, 2]])
  }

  @Test(arguments: [0.0, 1.0, -1, .nan]) func sharesThatMakeNoSenseAreNamed(value: Double) {
    let delta = #expect(throws: RequestError.self) { try RiskControl(risk: value).validate() }
    #expect(delta?.subject == "delta")
    let epsilon = #expect(throws: RequestError.self) { try RiskControl(error: value).validate() }
    #expect(epsilon?.subject == "epsilon")
  }
}

/// The betting test is valid, and tighter than bounds that use only the mean.
struct BettingTestTests {
  @Test func aMeanAtTheBoundIsSeldomRejected() {
    var random = SplitMix64(seed: 4)
    var rejected = 0
    for _ in 0..<1_000 {
      let values = (0..<150).map { _ in random.unit() < 0.05 ? 1.0 : 0.0 }
      if BettingTest.pValue(values, meanAtLeast: 0.05) <= 0.1 { rejected += 1 }
    }
    // 131 is the binomial's upper quantile for 1 − 0.999.
    #expect(rejected <= 131)
  }

  @Test func orderDoesNotMatterAndSpreadDoes() {
    let alike = [Double](repeating: 0.03, count: 300)
    let spread = (0..<300).map { $0 % 100 < 3 ? 1.0 : 0.0 }
    let small = BettingTest.pValue(alike, meanAtLeast: 0.05)
    #expect(small < 0.01)
    // Hoeffding's bound uses only the mean: exp(−n·KL(0.03‖0.05)).
    #expect(small < exp(-300 * 0.0049) / 10)
    #expect(BettingTest.pValue(spread, meanAtLeast: 0.05) > 0.1)
    #expect(
      abs(
        BettingTest.pValue(spread.reversed(), meanAtLeast: 0.05)
          - BettingTest.pValue(spread, meanAtLeast: 0.05)) < 1e-9)
  }

  @Test func valuesThatAreNoLossesSupportNothing() {
    #expect(BettingTest.pValue([.nan] + [Double](repeating: 0, count: 999), meanAtLeast: 0.5) == 1)
    #expect(BettingTest.pValue([2] + [Double](repeating: 0, count: 999), meanAtLeast: 0.5) == 1)
    #expect(BettingTest.pValue([], meanAtLeast: 0.05) == 1)
    #expect(BettingTest.pValue([Double](repeating: 1, count: 9), meanAtLeast: 0.05) == 1)
  }
}
