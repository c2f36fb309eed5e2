import AISKit
import Foundation
import Testing

/// Coverage of intervals that may be looked at again.
///
/// Each simulation stops at the first look whose interval excludes the truth: the worst rule there
/// is. A valid 95 % sequence lets that happen in at most 5 % of the runs, however long they last.
@Suite struct ConfidenceSequenceTests {
  private static let runs = 1_000
  /// 5 % of the runs, and three standard errors of that share.
  private static var mostMisses: Int {
    let (expected, spread) = (50.0, 47.5.squareRoot())
    return Int(expected + 3 * spread)
  }

  /// The runs in which some look excludes the truth.
  private func misses(
    seed: UInt64, looks: [Int], draw: (inout SplitMix64) -> Double,
    excludes: ([Double]) -> Bool
  ) -> Int {
    var generator = SplitMix64(seed: seed)
    return (0..<Self.runs).count { _ in
      var values: [Double] = []
      return looks.contains { look in
        while values.count < look { values.append(draw(&generator)) }
        return excludes(values)
      }
    }
  }

  /// Looks that grow by a tenth, as often as a patient person would look.
  private func looks(from first: Int, to last: Int) -> [Int] {
    var looks = [first]
    while let look = looks.last, look < last { looks.append(max(look + 1, look * 11 / 10)) }
    return looks
  }

  private func uniform(_ generator: inout SplitMix64) -> Double {
    Double(generator.next() >> 11) / 9_007_199_254_740_992
  }

  private func normal(_ generator: inout SplitMix64) -> Double {
    let radius = (-2 * log(1 - uniform(&generator))).squareRoot()
    let angle = 2 * Double.pi * uniform(&generator)
    return radius * cos(angle)
  }

  @Test(arguments: [0.02, 0.5, 0.95])
  func proportionsAreCoveredAtEveryLook(rate: Double) {
    let missed = misses(
      seed: 1, looks: looks(from: 1, to: 1_000), draw: { uniform(&$0) < rate ? 1 : 0 },
      excludes: { values in
        let bounds = ProportionSequence.interval(
          successes: Int(values.reduce(0, +)), trials: values.count, error: 0.05)
        return rate < bounds.lower || rate > bounds.upper
      })
    #expect(missed <= Self.mostMisses)
  }

  /// Most differences are 0, as between two models' answers.
  @Test func boundedDifferencesAreCoveredAtEveryLook() {
    let missed = misses(
      seed: 2, looks: looks(from: 1, to: 400),
      draw: {
        let place = uniform(&$0)
        return place < 0.08 ? -1 : place < 0.12 ? 1 : 0
      },
      excludes: {
        let bounds = BoundedSequence.interval($0, in: -1...1, error: 0.05)
        return -0.04 < bounds.lower || -0.04 > bounds.upper
      })
    #expect(missed <= Self.mostMisses)
  }

  /// A fixed-n interval at every look misses in far more runs: why the sequences are needed.
  @Test func fixedIntervalsAreNotCoveredIfOneLooksAgain() {
    let missed = misses(
      seed: 4, looks: looks(from: 20, to: 2_000), draw: { normal(&$0) },
      excludes: { values in
        let (mean, error) = meanAndError(values)
        return abs(mean) > 1.96 * error
      })
    #expect(missed > 4 * Self.mostMisses)
  }

  /// As few units as there are processes, and as many as there are prompts.
  @Test(arguments: [(StudentMixture.processes, 30), (.units, 1_000)])
  func meansOfNormalUnitsAreCoveredAtEveryLook(mixture: StudentMixture, last: Int) {
    let missed = misses(
      seed: 5, looks: looks(from: 2, to: last), draw: { 3 + 0.1 * normal(&$0) },
      excludes: { values in
        let (mean, error) = meanAndError(values)
        return abs(mean - 3) > mixture.width(count: values.count, error: 0.05) * error
      })
    #expect(missed <= Self.mostMisses)
  }

  private func meanAndError(_ values: [Double]) -> (Double, Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / (count - 1) / count).squareRoot())
  }

  /// The half-widths in standard errors, by the formulas in a few lines of Python.
  @Test func widthsAreTheFormulas() {
    #expect(abs(StudentMixture.units.width(count: 200, error: 0.05) - 3.0668) < 1e-3)
    #expect(abs(StudentMixture.units.width(count: 2_000, error: 0.05) - 3.2589) < 1e-3)
    let few = StudentMixture.processes
    #expect(few.width(count: 1, error: 0.05) == .infinity)
    #expect(abs(few.width(count: 5, error: 0.05) - 5.4115) < 1e-3)
    #expect(few.width(count: 5, error: 0.01) > few.width(count: 5, error: 0.05))
  }

  @Test func proportionsWithoutExceptionsAreBoundedOnOneSide() {
    let all = ProportionSequence.interval(successes: 100, trials: 100, error: 0.05)
    #expect(all.upper == 1 && all.lower > 0.94 && all.lower < 0.97)
    let none = ProportionSequence.interval(successes: 0, trials: 0, error: 0.05)
    #expect(none.lower == 0 && none.upper == 1)
    let some = ProportionSequence.interval(successes: 3, trials: 4, error: 0.05)
    #expect(some.lower < 0.75 && some.upper > 0.75)
  }

  @Test func valuesOutsideTheirBoundsSayNothing() {
    let bounds = BoundedSequence.interval([0.5, 2], in: 0...1, error: 0.05)
    #expect(bounds.lower == 0 && bounds.upper == 1)
  }

  /// scipy 1.17: t.ppf(0.975, ν).
  @Test(arguments: [(1.0, 12.706204736), (4, 2.776445105), (30, 2.042272456)])
  func studentsQuantileIsKnown(freedom: Double, quantile: Double) {
    #expect(abs(Distributions.studentQuantile(0.975, freedom: freedom) - quantile) < 1e-6)
  }
}
