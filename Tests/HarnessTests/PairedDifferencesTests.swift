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
}
