import AISHarness
import AISKit
import Testing

@Suite struct GroupedVarianceTests {
  @Test func theShareIsWhatLiesBetweenTheGroupsMeans() {
    let profiles = [[0.0, 1], [2, 3], [11, 12], [13, 14]]
    // Both groups' means are 5.5 from the overall ones, 6.5 and 7.5; members are 1 from their own.
    let between = 4 * 2 * 5.5 * 5.5
    let within = 4.0 * 2
    let found = GroupedVariance.permutationTest(profiles, labels: [0, 0, 1, 1], shuffles: 10)
    #expect(abs(found.share - between / (between + within)) < 1e-12)
    // Only one other split of four into two gives as much: the exchanged labels.
    let exact = GroupedVariance.permutationTest(
      profiles, labels: [0, 0, 1, 1], shuffles: 5_999, seed: 3)
    #expect(abs(exact.pValue - 1.0 / 3) < 0.02)
  }

  @Test func groupsOfUnequalSizeWeighByTheirMembers() {
    let found = GroupedVariance.permutationTest(
      [[0], [0], [0], [4]], labels: [2, 2, 2, 7], shuffles: 100)
    #expect(abs(found.share - 1) < 1e-12)
  }

  @Test func separatedGroupsAreNeverMatchedByAShuffle() {
    var random = SplitMix64(seed: 1)
    let labels = (0..<40).map { $0 % 4 }
    let profiles = labels.map { label in
      (0..<3).map { Double(10 * label * ($0 + 1)) + Double(random.index(below: 100)) / 100 }
    }
    let found = GroupedVariance.permutationTest(profiles, labels: labels, shuffles: 199, seed: 2)
    #expect(found.share > 0.99)
    #expect(found.pValue == 1.0 / 200)
  }

  @Test func underTheNullPValuesAreUniform() {
    var random = SplitMix64(seed: 5)
    let labels = (0..<24).map { $0 % 3 }
    let pValues = (0..<400).map { round in
      let profiles = labels.map { _ in (0..<4).map { _ in Double(random.index(below: 1_000)) } }
      return GroupedVariance.permutationTest(
        profiles, labels: labels, shuffles: 99, seed: UInt64(round)
      ).pValue
    }
    for level in [0.05, 0.25, 0.5, 0.75] {
      let share = Double(pValues.filter { $0 <= level }.count) / 400
      // Four standard errors of a share of 400.
      #expect(abs(share - level) < 4 * (level * (1 - level) / 400).squareRoot(), "\(level)")
    }
    #expect(pValues.allSatisfy { $0 >= 0.01 && $0 <= 1 })
  }

  @Test func theSameSeedGivesTheSameAnswerWhateverTheLabelsAreCalled() {
    var random = SplitMix64(seed: 9)
    let profiles = (0..<12).map { _ in [Double(random.index(below: 50)), 1] }
    let labels = (0..<12).map { $0 % 3 }
    let first = GroupedVariance.permutationTest(profiles, labels: labels, shuffles: 200, seed: 4)
    let again = GroupedVariance.permutationTest(profiles, labels: labels, shuffles: 200, seed: 4)
    let named = GroupedVariance.permutationTest(
      profiles, labels: labels.map { 100 - 7 * $0 }, shuffles: 200, seed: 4)
    #expect(first == again)
    #expect(abs(first.share - named.share) < 1e-12 && first.pValue == named.pValue)
  }

  @Test func whereNothingVariesNothingIsExplained() {
    let same = GroupedVariance.permutationTest(
      [[1, 2], [1, 2], [1, 2]], labels: [0, 1, 1], shuffles: 10)
    #expect(same.share.isNaN && same.pValue == 1)
    for (profiles, labels, shuffles) in [
      ([], [], 10), ([[], []], [0, 1], 10), ([[1], [2]], [0, 1], 0),
    ] as [([[Double]], [Int], Int)] {
      let none = GroupedVariance.permutationTest(profiles, labels: labels, shuffles: shuffles)
      #expect(none.share.isNaN && none.pValue == 1)
    }
  }
}
