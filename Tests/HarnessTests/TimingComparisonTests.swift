import AISHarness
import AISKit
import Foundation
import Testing

@Suite struct TimingComparisonTests {
  private func normal(_ generator: inout SplitMix64) -> Double {
    func uniform() -> Double { Double(generator.next() >> 11) / 9_007_199_254_740_992 }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return radius * cos(angle)
  }

  /// Pairs whose true speed-up is 1.05, which differs from process to process by 1 %, and within one
  /// by 2 %.
  private func pairs(
    processes: Int, each: Int, _ generator: inout SplitMix64
  ) -> [TimedPair] {
    (0..<processes).flatMap { process in
      let shift = 0.01 * normal(&generator)
      return (0..<each).map { pair in
        // What slows both sides down, such as a neighbour, cancels.
        let common = 10 * exp(0.2 * abs(normal(&generator)))
        let ratio = log(1.05) + shift + 0.02 * normal(&generator)
        return TimedPair(
          "c", process: process, pair: pair, baseline: common * exp(ratio), variant: common)
      }
    }
  }

  private static let bootstrap = Bootstrap(resamples: 200)

  /// At one size the fixed interval covers the truth in 95 % of runs.
  @Test func fiveProcessesCoverTheTruth() throws {
    var generator = SplitMix64(seed: 7)
    let runs = 400
    let covered = try (0..<runs).count { _ in
      let comparison = try #require(
        TimingComparison(pairs(processes: 5, each: 8, &generator), bootstrap: Self.bootstrap))
      return comparison.speedup.interval.contains(1.05)
    }
    #expect(covered >= 368, "95 % less three standard errors")
  }

  /// Enlarged until the interval excludes the truth, or twelve processes are there.
  @Test func theAnytimeIntervalCoversTheTruthThoughTheRunIsEnlargedUntilSettled() throws {
    var generator = SplitMix64(seed: 8)
    let runs = 250
    let missed = try (0..<runs).count { _ in
      let all = pairs(processes: 12, each: 6, &generator)
      return try (5...12).contains { size in
        let comparison = try #require(
          TimingComparison(all.filter { $0.process < size }, bootstrap: Self.bootstrap))
        return !comparison.speedup.anytime.contains(1.05)
      }
    }
    #expect(missed <= 22, "5 % and three standard errors")
  }

  /// Pairs of one process alone would be far too sure of themselves.
  @Test func manyPairsOfOneProcessSettleNothing() throws {
    var generator = SplitMix64(seed: 9)
    let comparison = try #require(
      TimingComparison(pairs(processes: 1, each: 400, &generator)))
    #expect(comparison.processCount == 1 && !comparison.speedup.anytime.upper.isFinite)
    let finding = Finding.atLeast(
      comparison.speedup, threshold: 1, of: "processes", fewest: Finding.fewestProcesses)
    #expect(finding.outcome == .open && finding.why.contains("at least 5 needed"))
  }

  @Test func theEstimateIsTheMedianOfTheRatiosAndItsFunctionsFollow() throws {
    let times: [(Double, Double)] = [(10, 8), (20, 15), (30, 20)]
    let comparison = try #require(
      TimingComparison(
        times.enumerated().map {
          TimedPair("c", process: $0, pair: 0, baseline: $1.0, variant: $1.1)
        }))
    #expect(abs(comparison.speedup.value - 20.0 / 15) < 1e-12)
    #expect(abs(comparison.overhead.value - (0.75 - 1)) < 1e-12)
    #expect(comparison.overhead.interval.lower < comparison.overhead.interval.upper)
    #expect(abs(comparison.efficiency(idealSpeedup: 4.0 / 3).value - 1) < 1e-12)
    #expect(abs(comparison.efficiency(ofIdeal: 2).value - 2.0 / 3) < 1e-12)
    #expect(TimingComparison([]) == nil)
  }
}
