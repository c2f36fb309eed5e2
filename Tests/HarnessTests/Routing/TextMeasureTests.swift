import AISHarness
import Testing

@Suite struct TextMeasureTests {
  @Test(arguments: [
    ([1, 2, 3], [1, 2, 3], 3, 1.0),
    ([1, 2, 3], [1, 2, 4, 5], 2, 0.5),
    ([1, 2], [1, 2, 3, 4], 2, 0.5),
    ([1, 2, 3, 4], [1, 2], 2, 0.5),
    ([5], [6], 0, 0),
    ([], [6], 0, 0),
    ([], [], 0, 1),
  ])
  func prefixesEndAtTheFirstDifference(
    first: [Int32], second: [Int32], tokens: Int, share: Double
  ) {
    #expect(TextMeasure.sharedPrefix(first, second) == tokens)
    #expect(TextMeasure.prefixShare(first, second) == share)
  }

  /// By hand: seven runs of four tokens, of which 1 2 3 4 and 2 3 4 1 occur again.
  @Test func repetitionIsTheShareOfRunsThatCameBefore() {
    #expect(abs(TextMeasure.repetition([1, 2, 3, 4, 1, 2, 3, 4, 1, 9]) - 2.0 / 7) < 1e-12)
    #expect(abs(TextMeasure.repetition([Int32](repeating: 5, count: 103)) - 0.99) < 1e-12)
    #expect(TextMeasure.repetition(Array(0..<50)) == 0)
    #expect(TextMeasure.repetition([1, 1, 1, 1]) == 0 && TextMeasure.repetition([]) == 0)
    #expect(TextMeasure.repetition([1, 2, 1, 2], runsOf: 1) == 0.5)
  }

  @Test func whatFollowsAnEndIsCounted() {
    #expect(TextMeasure.tokensBehindEnd([1, 2, 3], endIDs: [7]) == 0)
    #expect(TextMeasure.tokensBehindEnd([1, 7, 3, 7], endIDs: [7, 8]) == 3)
    #expect(TextMeasure.tokensBehindEnd([], endIDs: [7]) == 0)
  }

  @Test func aTextOnOneLineHasNoBreaksAndItsLength() {
    #expect(TextMeasure.oneLine(" a\n\n b\tc ", characters: 5) == "a b c")
    #expect(TextMeasure.oneLine("abcdef", characters: 6) == "abcdef")
    #expect(TextMeasure.oneLine("abcdefg", characters: 6) == "abcde…")
  }
}

@Suite struct TextLikelihoodTests {
  /// Two texts of 2 and 3 tokens have e to the (5 nats over 5 tokens).
  @Test func perplexityIsOfAllTokensTogether() {
    let texts = TextLikelihood([4: (2, 2), 9: (3, 3)])
    let estimate = texts.perplexity()
    #expect(abs(estimate.value - 2.718281828459045) < 1e-12 && estimate.count == 2)
    #expect(abs(estimate.interval.lower - estimate.value) < 1e-12)
  }

  @Test func aRatioPairsPrompts() {
    let texts = TextLikelihood([1: (4, 2), 2: (9, 3), 3: (100, 1)])
    let other = TextLikelihood([1: (2, 2), 2: (6, 3), 5: (50, 1)])
    let ratio = texts.perplexityRatio(over: other)
    #expect(abs(ratio.value - 2.718281828459045) < 1e-12 && ratio.count == 2)
    #expect(abs(ratio.interval.upper - ratio.value) < 1e-9, "each prompt is e times the other")
    let itself = texts.perplexityRatio(over: texts)
    #expect(itself.value == 1 && itself.interval == Interval(lower: 1, upper: 1))
  }
}
