import AISHarness
import Testing

/// Paired answers in clusters, and intervals of one estimate among several.
@Suite struct ClusteredPairsTests {
  private struct Answer {
    var subject: Int
    var before: Bool
    var after: Bool
  }

  private func pairs(_ answers: [Answer]) -> ClusteredPairs {
    ClusteredPairs(answers, by: \.subject, baseline: \.before, variant: \.after)
  }

  @Test func theDifferenceIsThatOfAllQuestions() {
    let pairs = pairs([
      Answer(subject: 1, before: true, after: false),
      Answer(subject: 0, before: false, after: true),
      Answer(subject: 0, before: true, after: true),
      Answer(subject: 1, before: true, after: false),
    ])
    #expect(pairs.clusters.map(\.count) == [2, 2])
    #expect(pairs.questions == Paired(bothRight: 1, lost: 2, gained: 1, bothWrong: 0))
    #expect(pairs.differenceEstimate.value == -0.25 && pairs.differenceEstimate.count == 2)
    // By hand: sums 1 and −2 less −1/4 · 2 each are ±1.5; their squares times 2, over 3 − 4/16.
    #expect(abs(pairs.designEffect - 9 / 2.75) < 1e-12)
  }

  /// Alike questions of a subject count as little more than one.
  @Test func copiesOfAQuestionAddNothing() {
    func answers(copies: Int) -> ClusteredPairs {
      pairs(
        (0..<40).flatMap { subject in
          (0..<copies).map { _ in
            Answer(subject: subject, before: subject % 4 == 0, after: subject % 3 == 0)
          }
        })
    }
    let (once, often) = (answers(copies: 1), answers(copies: 9))
    #expect(once.differenceEstimate.interval == often.differenceEstimate.interval)
    #expect(abs(often.designEffect / once.designEffect - 9) < 1e-9)
  }

  @Test func nothingAndAgreementEverywhereAreNoErrors() {
    #expect(pairs([]).differenceEstimate.value.isNaN)
    let same = pairs((0..<30).map { Answer(subject: $0, before: true, after: true) })
    #expect(same.differenceEstimate.value == 0 && same.designEffect.isNaN)
  }

  @Test func oneOfSeveralEstimatesIsWider() {
    let estimate = Proportion(successes: 60, trials: 100).estimate
    let one = estimate.amongst(1)
    #expect(one.value == 0.6 && one.count == 100)
    #expect(abs(one.interval.lower - estimate.interval.lower) < 1e-12)
    let four = estimate.amongst(4)
    // 2.4977 standard errors, not 1.9600.
    let ratio = (four.interval.upper - 0.6) / (estimate.interval.upper - 0.6)
    #expect(abs(ratio - 2.497705 / 1.959964) < 1e-5)
    #expect(four.anytime.lower < estimate.anytime.lower)
    #expect(four.pValue(against: 0.4) > 3 * estimate.pValue(against: 0.4))
  }

  /// Resampling clusters without a single success would claim certainty.
  @Test func aShareWithoutSpreadIsNotCertain() {
    let none = ClusteredShare(successes: [0, 0, 0, 0, 0], trials: [9, 8, 7, 6, 5]).estimate
    #expect(none.value == 0 && none.interval.lower == 0 && none.interval.upper > 0.3)
    let all = ClusteredShare(successes: [3, 4], trials: [3, 4]).estimate
    #expect(all.value == 1 && all.interval.upper == 1 && all.interval.lower < 0.5)
    #expect(ClusteredShare(successes: [], trials: []).estimate.value.isNaN)
  }
}
