import AISHarness
import Testing

@Suite struct PairedDifferenceTests {
  /// Counts (both right, one only, the other only, both wrong) and their published intervals.
  ///
  /// Newcombe 1998, Statistics in Medicine 17, 2635–2650 (36, 12, 2, 0); Fagerland,
  /// Lydersen and Laake 2014, Statistics in Medicine 33, 2850–2875 (Bentur's 1, 1, 7, 12);
  /// StatsDirect manual, "Paired proportions" (Armitage's 20, 12, 2, 16).
  @Test(arguments: [
    (36, 12, 2, 0, 0.0569, 0.3404, 0.000051), (1, 1, 7, 12, -0.507, -0.026, 0.00051),
    (20, 12, 2, 16, 0.056156, 0.329207, 0.00000051),
  ])
  func intervalsArePublished(
    bothRight: Int, gained: Int, lost: Int, bothWrong: Int, low: Double, high: Double,
    rounding: Double
  ) {
    let paired = Paired(bothRight: bothRight, lost: lost, gained: gained, bothWrong: bothWrong)
    let interval = paired.differenceInterval()
    #expect(abs(interval.lower - low) < rounding && abs(interval.upper - high) < rounding)
    let mirrored = Paired(bothRight: bothRight, lost: gained, gained: lost, bothWrong: bothWrong)
      .differenceInterval()
    #expect(abs(mirrored.lower + interval.upper) < 1e-12)
    #expect(abs(mirrored.upper + interval.lower) < 1e-12)
  }

  @Test func emptyMarginsAndNoAnswersStayInRange() {
    let allRight = Paired(bothRight: 50, lost: 0, gained: 0, bothWrong: 0).differenceInterval()
    #expect(allRight.contains(0) && allRight.upper < 0.1 && allRight.lower == -allRight.upper)
    let allGained = Paired(bothRight: 0, lost: 0, gained: 3, bothWrong: 0).differenceInterval()
    #expect(allGained.upper == 1 && allGained.lower > 0 && allGained.lower < 1)
    let nothing = Paired(bothRight: 0, lost: 0, gained: 0, bothWrong: 0)
    #expect(nothing.differenceInterval() == Interval(lower: -1, upper: 1))
  }

  /// Connor 1987, Biometrics 43, 207–211, the formula of page 209.
  ///
  /// By hand for shares of 0.45 and 0.05: (1.95996·√0.5 + 0.84162·√0.34)² / 0.16 = 22.01; for
  /// 0.12 and 0.08, at power 0.9: (1.95996·√0.2 + 1.28155·√0.1984)² / 0.0016 = 1309.3.
  @Test func trialsToDetectAreConnors() {
    #expect(Paired.trialsToDetect(difference: 0.4, discordance: 0.5) == 23)
    #expect(Paired.trialsToDetect(difference: -0.4, discordance: 0.5) == 23)
    #expect(Paired.trialsToDetect(difference: 0.04, discordance: 0.2, power: 0.9) == 1_310)
    #expect(Paired.trialsToDetect(difference: 0, discordance: 0.5) == nil)
    #expect(Paired.trialsToDetect(difference: 0, discordance: 0) == nil)
  }

  @Test func aDetectableDifferenceNeedsAsManyTrials() throws {
    let least = try #require(Paired.detectableDifference(trials: 14_042, discordance: 0.1))
    let needed = try #require(
      Paired.trialsToDetect(difference: least * (1 + 1e-9), discordance: 0.1))
    #expect(needed == 14_042)
    let missed = try #require(
      Paired.trialsToDetect(difference: least * (1 - 1e-3), discordance: 0.1))
    #expect(missed > 14_042)
    #expect(Paired.detectableDifference(trials: 3, discordance: 0.1) == nil)
    #expect(Paired.detectableDifference(trials: 100, discordance: 0) == nil)
  }
}
