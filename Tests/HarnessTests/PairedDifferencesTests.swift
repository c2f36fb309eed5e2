import AISHarness
import Testing

@Suite struct PairedDifferencesTests {
  @Test func meanDeviationAndIntervalAreThoseOfTheDifferences() {
    let paired = PairedDifferences(baseline: [0.5, 0.25, 1, 0.75], variant: [0.75, 0.75, 1, 0.5])
    #expect(paired.values == [0.25, 0.5, 0, -0.25] && paired.count == 4)
    #expect(paired.mean == 0.125)
    // By hand: deviations 1/8, 3/8, −1/8, −3/8; squares 20/64, over 3.
    #expect(abs(paired.standardDeviation - (20.0 / 64 / 3).squareRoot()) < 1e-15)
    let (narrow, wide) = (paired.estimate(confidence: 0.8), paired.estimate(confidence: 0.99))
    #expect(narrow.value == 0.125 && narrow.interval.contains(0.125))
    #expect(wide.interval.lower < narrow.interval.lower)
    #expect(PairedDifferences([0.5]).standardDeviation.isNaN && PairedDifferences([]).mean.isNaN)
  }

  /// All 2ⁿ sign patterns by hand: of 1, 2, 3 only the two with equal signs sum to ±6.
  @Test func signFlipsCountPatternsAsFar() {
    let exact = PairedDifferences([1, 2, 3]).signFlipPValue(flips: 40_000)
    #expect(abs(exact - 0.25) < 0.01)
    #expect(
      PairedDifferences([1, 2, 3]).signFlipPValue()
        == PairedDifferences([1, 2, 3]).signFlipPValue())
    #expect(PairedDifferences([0, 0, 0]).signFlipPValue() == 1)
    #expect(PairedDifferences([]).signFlipPValue() == 1)
    // No flip in ten thousand is as far: only the observed signs count.
    let all = PairedDifferences(Array(repeating: 0.1, count: 100))
    #expect(all.signFlipPValue(flips: 9_999) == 1e-4)
    let mixed = PairedDifferences((0..<100).map { $0 % 2 == 0 ? 0.1 : -0.1 })
    #expect(mixed.signFlipPValue() == 1)
  }

  /// The textbook case: at 5 % and power 0.8 the sample is (1.95996 + 0.84162)² = 7.849 times the
  /// squared deviation over the squared difference.
  @Test func powerAndSampleSizeBelongTogether() throws {
    // Deviation 1, apart from the factor n / (n − 1).
    let paired = PairedDifferences((0..<1_000).map { $0 % 2 == 0 ? 1 : -1 })
    let deviation = paired.standardDeviation
    #expect(abs(deviation - (1_000.0 / 999).squareRoot()) < 1e-12)
    #expect(
      paired.trialsToDetect(difference: 0.1)
        == Int((7.8488797 * deviation * deviation / 0.01).rounded(.up)))
    let detectable = paired.detectableDifference()
    #expect(abs(detectable - 2.8015852 * deviation / 1_000.0.squareRoot()) < 1e-6)
    // The other tail adds next to nothing.
    #expect(abs(paired.power(toSee: detectable) - 0.8) < 1e-6)
    #expect(paired.power(toSee: -detectable) == paired.power(toSee: detectable))
    #expect(abs(paired.power(toSee: 0) - 0.05) < 1e-12)
    #expect(paired.power(toSee: detectable, significance: 0.01) < 0.8)
    #expect(paired.detectableDifference(significance: 0.01) > detectable)
    #expect(paired.trialsToDetect(difference: 0) == nil)
  }

  @Test func trialsToSettlePutTheIntervalClear() throws {
    let paired = PairedDifferences((0..<100).map { $0 % 2 == 0 ? 0.11 : -0.09 })
    let deviation = paired.standardDeviation
    // 1.95996 standard errors are 0.01, from 0.01 to 0.02.
    let needed = try #require(paired.trialsToSettle(against: 0.02))
    #expect(
      needed == Int((1.9599640 * deviation / 0.01 * 1.9599640 * deviation / 0.01).rounded(.up)))
    #expect(paired.trialsToSettle(against: paired.mean) == nil)
    #expect(PairedDifferences([0.5]).trialsToSettle(against: 0.02) == nil)
    #expect(PairedDifferences([0.5]).power(toSee: 0.02).isNaN)
  }
}
