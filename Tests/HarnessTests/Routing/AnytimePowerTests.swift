import AISHarness
import AISKit
import Testing

/// Power of intervals that are valid at every look.
@Suite struct AnytimePowerTests {
  /// Deviation 1, apart from the factor n / (n − 1).
  private let paired = PairedDifferences((0..<1_000).map { $0 % 2 == 0 ? 1 : -1 })

  @Test func powerDetectableDifferenceAndCountBelongTogether() throws {
    let detectable = paired.anytimeDetectable()
    #expect(abs(paired.anytimePower(toSee: detectable) - 0.8) < 1e-6)
    #expect(paired.anytimePower(toSee: -detectable) == paired.anytimePower(toSee: detectable))
    let needed = try #require(paired.anytimeTrials(toDetect: detectable))
    #expect((999...1_001).contains(needed))
    #expect(paired.anytimeTrials(toDetect: 0) == nil)
  }

  /// A look that may be followed by others must see more than a single look of fixed size.
  ///
  /// At 5 %, and a difference of 0.1 deviations, that one needs (1.95996 + 0.84162)² / 0.01 = 786
  /// items for a power of 0.8, and has a power of 0.885 with 1,000.
  @Test func itNeedsMoreThanAFixedNumberOfItems() throws {
    #expect(paired.anytimePower(toSee: 0.1) < 0.885)
    let anytime = try #require(paired.anytimeTrials(toDetect: 0.1))
    #expect(anytime > 786 && anytime < 3 * 786)
    #expect(paired.anytimePower(toSee: 0.2, error: 0.01) < paired.anytimePower(toSee: 0.2))
    #expect(PairedDifferences([0.5]).anytimePower(toSee: 0.02).isNaN)
    #expect(PairedDifferences([0.5]).anytimeTrials(toDetect: 0.02) == nil)
  }
}
