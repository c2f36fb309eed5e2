import AISHarness
import Testing

@Suite struct SplitTests {
  /// Computed with a separate implementation of the documented hash; results depend on them.
  @Test(arguments: [
    ("", Split.test), ("a", .map), ("b", .map), ("3", .calibration),
    ("The capital of France is", .map), ("Écrivez un poème 🌊", .calibration),
    ("When did Virgin Australia start operating?", .map),
    ("Which is a species of fish? Tope or Rope", .validation),
  ])
  func splitsNeverChange(text: String, expected: Split) {
    #expect(Split.of(text) == expected)
  }

  @Test func sharesAreKeptToWithinChance() {
    var counts: [Split: Int] = [:]
    for index in 0..<20_000 { counts[.of("prompt number \(index)"), default: 0] += 1 }
    #expect(Split.allCases.map(\.share).reduce(0, +) == 1)
    for split in Split.allCases {
      // Five standard deviations of a binomial count.
      let spread = 5 * (20_000 * split.share * (1 - split.share)).squareRoot()
      #expect(abs(Double(counts[split] ?? 0) - 20_000 * split.share) < spread)
    }
  }

  @Test func aTextUsedOutsideItsSplitIsAnError() throws {
    try Split.check([(.map, ["a", "b"]), (.calibration, ["3"])])
    let error = #expect(throws: SplitError.self) {
      try Split.check([(.map, ["a"]), (.test, ["", "3"])])
    }
    #expect(error?.text == "3" && error?.usedAs == .test && error?.belongsTo == .calibration)
  }
}
