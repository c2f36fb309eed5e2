import AISHarness
import AISKit
import Testing

@Suite struct ProportionTests {
  /// Newcombe 1998, Statistics in Medicine 17, 857–872, table I: methods 3 (Wilson) and 5
  /// (Clopper-Pearson), to the four places printed there.
  @Test(arguments: [
    (81, 263, 0.2553, 0.3662, 0.2527, 0.3676),
    (15, 148, 0.0624, 0.1605, 0.0578, 0.1617),
    (0, 20, 0.0000, 0.1611, 0.0000, 0.1684),
    (1, 29, 0.0061, 0.1718, 0.0009, 0.1776),
  ])
  func intervalsAreNewcombes(
    successes: Int, trials: Int, low: Double, high: Double, exactLow: Double, exactHigh: Double
  ) {
    let proportion = Proportion(successes: successes, trials: trials)
    let wilson = proportion.wilson()
    #expect(abs(wilson.lower - low) < 0.000051 && abs(wilson.upper - high) < 0.000051)
    let exact = proportion.clopperPearson()
    #expect(abs(exact.lower - exactLow) < 0.000051 && abs(exact.upper - exactHigh) < 0.000051)
  }

  /// scipy 1.17: `binomtest(9000, 14042).proportion_ci(method=…)`.
  @Test func intervalsOfManyTrialsAreScipys() {
    let proportion = Proportion(successes: 9_000, trials: 14_042)
    let wilson = proportion.wilson()
    #expect(abs(wilson.lower - 0.6329621449951538) < 1e-12)
    #expect(abs(wilson.upper - 0.6488294451779221) < 1e-12)
    let exact = proportion.clopperPearson()
    #expect(abs(exact.lower - 0.6329355317034921) < 1e-9)
    #expect(abs(exact.upper - 0.6488747105998456) < 1e-9)
  }

  /// scipy 1.17: the 90 % interval of 5 in 100, whose ends are the one-sided 95 % bounds.
  @Test func oneSidedBoundsAreTheEndsOfATwoSidedIntervalWithTwiceTheTail() {
    let proportion = Proportion(successes: 5, trials: 100)
    #expect(abs(proportion.upperBound(confidence: 0.95) - 0.10225337764327451) < 1e-10)
    #expect(abs(proportion.lowerBound(confidence: 0.95) - 0.01990556366176475) < 1e-10)
  }

  @Test func noTrialsSayNothing() {
    let nothing = Proportion(successes: 0, trials: 0)
    #expect(nothing.wilson() == Interval(lower: 0, upper: 1))
    #expect(nothing.clopperPearson() == Interval(lower: 0, upper: 1))
    #expect(nothing.estimate.countToSettle(against: 0.5) == nil)
  }

  @Test func outcomesAreCounted() {
    #expect(Proportion(of: [true, false, true]) == Proportion(successes: 2, trials: 3))
  }

  /// An open finding names this count: with it, at the same rate, nothing is open.
  @Test func theCountThatSettlesPutsTheAnytimeIntervalClear() throws {
    let estimate = Proportion(successes: 97, trials: 100).estimate
    #expect(estimate.anytime.contains(0.9))
    let needed = try #require(estimate.countToSettle(against: 0.9))
    let settled = Proportion(
      successes: Int((0.97 * Double(needed) * 1.3).rounded(.up)), trials: Int(1.3 * Double(needed)))
    #expect(needed > 100 && settled.estimate.anytime.lower > 0.9)
    #expect(estimate.countToSettle(against: 0.97) == nil)
  }
}

@Suite struct PairedTests {
  /// The example of R's `exact2x2` (Fay): discordant cells 9 and 2 give p = 0.06543; by hand,
  /// 2·(1 + 11 + 55)/2¹¹.
  @Test func mcNemarIsExactAndTwoSided() {
    let paired = Paired(bothRight: 21, lost: 9, gained: 2, bothWrong: 12)
    #expect(abs(paired.pValue - 134.0 / 2_048) < 1e-14)
  }

  /// scipy 1.17: `binomtest(min(b, c), b + c, 0.5).pvalue`.
  @Test(arguments: [
    (10, 3, 0.09228515625), (6, 0, 0.03125), (120, 90, 0.045114087864840696), (5, 5, 1),
    (1_000, 900, 0.023108845108901193), (59, 6, 4.964650327128616e-12), (0, 0, 1),
  ])
  func mcNemarIsScipys(lost: Int, gained: Int, expected: Double) {
    let paired = Paired(bothRight: 3, lost: lost, gained: gained, bothWrong: 4)
    let mirrored = Paired(bothRight: 3, lost: gained, gained: lost, bothWrong: 4)
    #expect(abs(paired.pValue / expected - 1) < 1e-9)
    #expect(paired.pValue == mirrored.pValue)
  }

  @Test func pairsOfAnswersFillTheTable() {
    let paired = Paired(
      baseline: [true, true, true, false, false, false, false],
      variant: [true, false, false, true, false, false, false])
    #expect(paired == Paired(bothRight: 1, lost: 2, gained: 1, bothWrong: 3))
    #expect(paired.baseline == Proportion(successes: 3, trials: 7))
    #expect(paired.variant == Proportion(successes: 2, trials: 7))
    #expect(paired.difference == -1.0 / 7)
  }
}

@Suite struct BootstrapTests {
  /// Efron and Tibshirani 1993, tables 2.1 and 2.2: the survival of seven mice.
  ///
  /// The mean is 86.86, its bootstrap standard error 23.36. The interval's exact ends
  /// come from all 7⁷ resamples.
  @Test func miceAreEfronAndTibshiranis() {
    let survival: [Double] = [94, 197, 16, 38, 99, 141, 23]
    let bootstrap = Bootstrap(resamples: 20_000, seed: 2)
    let estimate = bootstrap.mean(of: survival)
    #expect(abs(estimate.value - 86.86) < 0.005)
    #expect(abs(estimate.interval.lower - 43.43) < 1.5)
    #expect(abs(estimate.interval.upper - 134.43) < 1.5)
    var means: [Double] = []
    _ = bootstrap.estimate(count: 7, whole: 0) { indices in
      means.append(Bootstrap.mean(indices.map { survival[$0] }))
      return 0
    }
    let centre = Bootstrap.mean(means)
    let variance = Bootstrap.mean(means.map { ($0 - centre) * ($0 - centre) })
    #expect(abs(variance.squareRoot() - 23.36) < 0.4)
  }

  /// The difference of two means: its standard error is that of both.
  @Test func twoSamplesAreDrawnIndependently() {
    var random = SplitMix64(seed: 5)
    let first = (0..<60).map { _ in 3 + random.unit() }
    let second = (0..<90).map { _ in 2 * random.unit() }
    func variance(_ sample: [Double]) -> Double {
      let mean = Bootstrap.mean(sample)
      return Bootstrap.mean(sample.map { ($0 - mean) * ($0 - mean) })
    }
    let whole = Bootstrap.mean(first) - Bootstrap.mean(second)
    let estimate = Bootstrap().estimate(counts: (60, 90), whole: whole) { a, b in
      Bootstrap.mean(a.map { first[$0] }) - Bootstrap.mean(b.map { second[$0] })
    }
    let error = (variance(first) / 60 + variance(second) / 90).squareRoot()
    #expect(estimate.value == whole && estimate.count == 60)
    #expect(abs(estimate.interval.upper - estimate.interval.lower - 3.92 * error) < 0.3 * error)
    #expect(abs(estimate.interval.lower + estimate.interval.upper - 2 * whole) < 0.3 * error)
    let none = Bootstrap().estimate(counts: (0, 5), whole: .nan) { _, _ in 0 }
    #expect(none.count == 0 && none.interval.lower.isNaN)
  }

  /// By hand: two clusters are drawn as (a, a), (a, b), (b, a) or (b, b), with means 1, 2.5, 2.5
  /// and 4.
  ///
  /// Single values would nearly always mix.
  @Test func clustersAreDrawnWhole() {
    let estimate = Bootstrap().mean(ofClusters: [[1, 1, 1], [4, 4, 4]])
    #expect(estimate.value == 2.5 && estimate.count == 2)
    #expect(estimate.interval == Interval(lower: 1, upper: 4))
  }

  @Test func clustersWeighByTheirSize() {
    let clusters: [[Double]] = [[0, 0, 0], [8], []]
    #expect(Bootstrap().mean(ofClusters: clusters).value == 2)
    let singles = (0..<40).map { Double(($0 * 37) % 41) }
    #expect(
      Bootstrap(seed: 3).mean(ofClusters: singles.map { [$0] })
        == Bootstrap(seed: 3).mean(of: singles))
    #expect(Bootstrap().mean(ofClusters: []).value.isNaN)
  }

  /// Three prompts' agreeing tokens over their tokens: 6 of 12; prompts are resampled.
  @Test func aRatioOfSumsIsTheMeanOfItsClusters() {
    let ratio = Bootstrap().ratio([1, 2, 3], over: [2, 4, 6])
    #expect(ratio.value == 0.5 && ratio.interval == Interval(lower: 0.5, upper: 0.5))
    #expect(
      Bootstrap(seed: 5).ratio([2, 8, 0], over: [3, 2, 1])
        == Bootstrap(seed: 5).mean(ofClusters: [[0, 1, 1], [4, 4], [0]]))
    #expect(Bootstrap().ratio([0, 0], over: [0, 0]).value.isNaN)
  }

  /// Ten equal tokens of a prompt count as one: the interval is about √10 times wider.
  @Test func likeTokensDoNotNarrowTheInterval() {
    var generator = SplitMix64(seed: 8)
    let prompts = (0..<100).map { _ in [Double](repeating: generator.unit(), count: 10) }
    let whole = Bootstrap().mean(ofClusters: prompts).interval
    let single = Bootstrap().mean(of: prompts.flatMap(\.self)).interval
    let ratio = (whole.upper - whole.lower) / (single.upper - single.lower)
    #expect(abs(ratio / 10.0.squareRoot() - 1) < 0.15)
  }

  /// The published first outputs for seed 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64").
  @Test func splitMixIsThePublishedSequence() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
    #expect(generator.next() == 9_817_491_932_198_370_423)
  }

  @Test func drawsStayInRangeAndShufflesKeepEverything() {
    var generator = SplitMix64(seed: 5)
    var seen = Set<Int>()
    for _ in 0..<1_000 { seen.insert(generator.index(below: 7)) }
    #expect(seen == Set(0..<7))
    #expect((0..<1_000).allSatisfy { _ in (0..<1).contains(generator.unit()) })
    let shuffled = generator.shuffled(Array(0..<50))
    #expect(shuffled != Array(0..<50) && shuffled.sorted() == Array(0..<50))
  }

  @Test func sameSeedSameIntervalToTheBit() {
    let sample = (0..<40).map { Double(($0 * 37) % 41) }
    let first = Bootstrap(seed: 3).mean(of: sample)
    #expect(first == Bootstrap(seed: 3).mean(of: sample))
    #expect(first.interval != Bootstrap(seed: 4).mean(of: sample).interval)
  }

  /// For the mean of many observations the bootstrap must come out near the normal interval.
  @Test func meanIntervalIsNearTheNormalOne() {
    var generator = SplitMix64(seed: 11)
    let sample = (0..<400).map { _ in generator.unit() }
    let estimate = Bootstrap(seed: 1).mean(of: sample)
    let mean = Bootstrap.mean(sample)
    let variance = sample.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 399
    let spread = 1.96 * (variance / 400).squareRoot()
    #expect(estimate.value == mean && estimate.count == 400)
    #expect(abs(estimate.interval.lower - (mean - spread)) < 0.15 * spread)
    #expect(abs(estimate.interval.upper - (mean + spread)) < 0.15 * spread)
  }

  @Test func mediansAreOfTheWholeSample() {
    #expect(Bootstrap.median([3, 1, 2]) == 2)
    #expect(Bootstrap.median([4, 1, 2, 3]) == 2.5)
    #expect(Bootstrap().median(of: [5, 5, 5]).interval == Interval(lower: 5, upper: 5))
    #expect(Bootstrap().mean(of: []).count == 0)
  }
}
