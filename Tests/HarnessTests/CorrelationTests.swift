import AISHarness
import Testing

@Suite struct CorrelationTests {
  /// Anscombe 1973, The American Statistician 27, 17–21: four data sets, each with r = 0.816.
  @Test func pearsonIsAnscombes() {
    let x: [Double] = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    let sets: [[Double]] = [
      [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
      [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74],
      [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73],
    ]
    for y in sets { #expect(abs(Correlation.pearson(x, y) - 0.816) < 0.0006) }
    // scipy 1.17, `pearsonr`.
    #expect(abs(Correlation.pearson(x, sets[2]) - 0.8162867394895981) < 1e-12)
  }

  /// By hand: ten pairs without ties whose squared differences of rank sum to 194, so that
  /// ρ = 1 − 6·194 / (10·99) = −29/165; and with ties, scipy 1.17's `spearmanr`.
  @Test func spearmanIsOfRanks() {
    let first: [Double] = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    let second: [Double] = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    #expect(abs(Correlation.spearman(first, second) + 29.0 / 165) < 1e-12)
    let tied = Correlation.spearman([1, 2, 2, 3, 5, 5, 5, 9], [2, 1, 4, 4, 4, 8, 3, 9])
    #expect(abs(tied - 0.7295741778686101) < 1e-12)
    #expect(Correlation.ranks([1, 2, 2, 3, 5, 5, 5, 9]) == [1, 2.5, 2.5, 4, 6, 6, 6, 8])
    #expect(abs(Correlation.spearman([1, 2, 3, 4], [1, 10, 100, 1_000]) - 1) < 1e-12)
  }

  @Test func whatNeverChangesHasNoCorrelation() {
    #expect(Correlation.pearson([1, 1, 1], [1, 2, 3]).isNaN)
    #expect(Correlation.pearson([], []).isNaN)
    #expect(Correlation.spearman([1, .nan, 3], [1, 2, 3]).isNaN)
  }
}

@Suite struct HolmTests {
  /// By hand: 0.005·4, 0.01·3, 0.03·2; 0.04·1 is raised to the one before it.
  @Test func smallestIsMultipliedByTheNumberOfTests() {
    let adjusted = Holm.adjusted([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) {
      #expect(abs(found - expected) < 1e-15)
    }
  }

  @Test func nothingExceedsOneAndNaNStays() {
    #expect(Holm.adjusted([0.5, 0.9, 0.7]) == [1, 1, 1])
    #expect(Holm.adjusted([]) == [])
    let adjusted = Holm.adjusted([0.01, .nan])
    #expect(adjusted[0] == 0.02 && adjusted[1].isNaN)
  }
}
