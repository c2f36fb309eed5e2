import AISHarness
import AISKit
import Foundation
import Testing

/// Coverage of the anytime interval that decides verdicts about means, for numbers as skewed as
/// KL divergences.
///
/// A run is enlarged until its interval excludes the truth, or 300 prompts are there: the worst rule
/// for stopping.
@Suite struct EstimateCoverageTests {
  private static let runs = 400
  private static let looks = [20, 26, 34, 44, 57, 75, 97, 126, 164, 213, 300]
  private static let bootstrap = Bootstrap(resamples: 300)

  /// 5 % of the runs, and three standard errors of that share.
  private static var mostMisses: Int {
    let (expected, spread) = (20.0, 19.0.squareRoot())
    return Int(expected + 3 * spread)
  }

  private func uniform(_ generator: inout SplitMix64) -> Double {
    Double(generator.next() >> 11) / 9_007_199_254_740_992
  }

  private func misses(seed: UInt64, mean: Double, draw: (inout SplitMix64) -> Double) -> Int {
    var generator = SplitMix64(seed: seed)
    return (0..<Self.runs).count { _ in
      let values = (0..<300).map { _ in draw(&generator) }
      return Self.looks.contains { look in
        !Self.bootstrap.mean(of: Array(values.prefix(look))).anytime.contains(mean)
      }
    }
  }

  @Test func exponentialNumbersAreCoveredAtEveryLook() {
    let missed = misses(seed: 11, mean: 1) { -log(1 - uniform(&$0)) }
    #expect(missed <= Self.mostMisses, "\(missed)")
  }

  /// The square of a normal number, whose skewness is 2.8.
  @Test func squaresOfNormalNumbersAreCoveredAtEveryLook() {
    let missed = misses(seed: 12, mean: 1) {
      let radius = (-2 * log(1 - uniform(&$0))).squareRoot()
      let angle = 2 * Double.pi * uniform(&$0)
      let value = radius * cos(angle)
      return value * value
    }
    #expect(missed <= Self.mostMisses, "\(missed)")
  }
}
