import AISKit
import CAISKernels
import Foundation
import Testing

/// The comparison of rows: the reference against the definition, the fast kernels against both.
struct CompareTests {
  private static let widths = [1, 5, 7, 15, 16, 17, 33, 1_000, 49_152]

  private typealias Compare =
    @Sendable (
      UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<ais_comparison>?, Int, Int
    ) -> Void

  private typealias LogSumExp =
    @Sendable (
      UnsafePointer<Float>?, UnsafeMutablePointer<Double>?, Int, Int
    ) -> Void

  /// Every function that this processor can run.
  ///
  /// The last is the one that chooses among them.
  private static let levels: [(name: String, compare: Compare, logSumExp: LogSumExp)] = {
    var levels: [(String, Compare, LogSumExp)] = [
      ("reference", ais_compare_f32_ref, ais_log_sum_exp_f32_ref)
    ]
    let best = ais_active_isa().rawValue
    if best >= AIS_ISA_AVX2.rawValue {
      levels.append(("avx2", ais_compare_f32_avx2, ais_log_sum_exp_f32_avx2))
    }
    if best >= AIS_ISA_AVX512.rawValue {
      levels.append(("avx512", ais_compare_f32_avx512, ais_log_sum_exp_f32_avx512))
    }
    levels.append(("dispatched", ais_compare_f32, ais_log_sum_exp_f32))
    return levels
  }()

  /// Realistic logits: normally distributed, with a few tokens far above the others.
  private func logits(_ count: Int, seed: UInt64, spread: Double = 3) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let bell = (0..<12).reduce(-6) { sum, _ in sum + random.unit() }
      return Float(bell * spread + (random.index(below: 50) == 0 ? 12 : 0))
    }
  }

  private func run(_ kernel: Compare, _ base: [Float], _ other: [Float], width: Int)
    -> [ais_comparison]
  {
    let rows = base.count / width
    var out = [ais_comparison](repeating: ais_comparison(), count: rows)
    kernel(base, other, &out, rows, width)
    return out
  }

  /// The definitions, written out.
  private struct Definition {
    let kl: Double
    let logSum: Double
    let shared: Int

    init(_ base: [Float], _ other: [Float]) {
      func logSoftmax(_ row: [Float]) -> (all: [Double], logSum: Double) {
        let largest = Double(row.max() ?? 0)
        let logSum = largest + log(row.reduce(0) { $0 + exp(Double($1) - largest) })
        return (row.map { Double($0) - logSum }, logSum)
      }
      func topFive(_ row: [Float]) -> Set<Int> {
        Set(row.indices.sorted { row[$0] == row[$1] ? $0 < $1 : row[$0] > row[$1] }.prefix(5))
      }
      let (p, q) = (logSoftmax(base), logSoftmax(other))
      kl = zip(p.all, q.all).reduce(0) { $1.0 == -.infinity ? $0 : $0 + exp($1.0) * ($1.0 - $1.1) }
      logSum = p.logSum
      shared = topFive(base).intersection(topFive(other)).count
    }
  }

  /// The tolerance of KL: 1e-6 of its value or 1e-7 nats, whichever is larger.
  private func expectNear(_ found: Double, _ expected: Double, _ comment: Comment) {
    #expect(abs(found - expected) <= max(1e-9, 1e-8 * abs(expected)), comment)
  }

  @Test(arguments: widths, [0.001, 0.3, 5])
  func everyLevelIsTheDefinition(width: Int, distance: Double) {
    let rows = width > 10_000 ? 2 : 5
    let base = logits(rows * width, seed: UInt64(width))
    let shift = logits(rows * width, seed: UInt64(width) + 1, spread: 1)
    let other = zip(base, shift).map { $0 + $1 * Float(distance) }
    for (name, compare, logSumExp) in Self.levels {
      let found = run(compare, base, other, width: width)
      var sums = [Double](repeating: 0, count: rows)
      logSumExp(base, &sums, rows, width)
      for row in 0..<rows {
        let a = Array(base[row * width..<(row + 1) * width])
        let b = Array(other[row * width..<(row + 1) * width])
        let (expected, result) = (Definition(a, b), found[row])
        expectNear(result.kl, expected.kl, "\(name), KL")
        expectNear(result.base_log_sum_exp, expected.logSum, "\(name), log-sum-exp")
        expectNear(sums[row], expected.logSum, "\(name), log-sum-exp alone")
        #expect(Int(result.base_top) == a.firstIndex(of: a.max() ?? 0), "\(name)")
        #expect(Int(result.other_top) == b.firstIndex(of: b.max() ?? 0), "\(name)")
        #expect(Int(result.shared_top_five) == expected.shared, "\(name)")
        let largest = zip(a, b).map { abs(Double($0) - Double($1)) }.max()
        #expect(result.largest_difference == largest, "\(name)")
        #expect(!result.identical || width == 1, "\(name)")
      }
    }
  }

  @Test(arguments: widths) func equalRowsAreNoDistanceApart(width: Int) {
    let base = logits(width, seed: 3)
    for (name, compare, _) in Self.levels {
      let result = run(compare, base, base, width: width)[0]
      #expect(result.kl == 0 && result.largest_difference == 0 && result.identical, "\(name)")
      #expect(result.base_top == result.other_top, "\(name)")
      #expect(Int(result.shared_top_five) == min(5, width), "\(name)")
    }
  }

  @Test(arguments: widths) func oneBitAnywhereIsSeen(width: Int) {
    let base = logits(width, seed: 4)
    for place in Set([0, width / 2, width - 1, min(width - 1, 5)]) {
      var other = base
      other[place] = other[place].nextUp
      for (name, compare, _) in Self.levels {
        let result = run(compare, base, other, width: width)[0]
        #expect(!result.identical && result.largest_difference > 0, "\(name), \(place)")
      }
    }
    let zeros = [Float](repeating: 0, count: width)
    let negative = [Float](repeating: -0.0, count: width)
    for (name, compare, _) in Self.levels {
      let result = run(compare, zeros, negative, width: width)[0]
      #expect(!result.identical && result.kl == 0, "\(name): zeros of two signs")
    }
  }

  @Test func theLowerOfEqualLogitsIsFirst() {
    var base = [Float](repeating: 1, count: 200)
    var other = base
    base[150] = 2
    base[199] = 2
    other[3] = 2
    for (name, compare, _) in Self.levels {
      let result = run(compare, base, other, width: 200)[0]
      #expect(result.base_top == 150 && result.other_top == 3, "\(name)")
      // {150, 199, 0, 1, 2} and {3, 0, 1, 2, 4}
      #expect(result.shared_top_five == 3, "\(name)")
    }
  }

  @Test(arguments: [5, 16, 33, 1_000]) func tokensRuledOutHaveNoWeight(width: Int) {
    var base = logits(width, seed: 6)
    var other = logits(width, seed: 7)
    base[width - 1] = -.infinity
    base[1] = -.infinity
    let expected = Definition(base, other).kl
    var bothRuleOut = other
    bothRuleOut[1] = -.infinity
    let expectedBoth = Definition(base, bothRuleOut).kl
    other[2] = -.infinity
    for (name, compare, _) in Self.levels {
      var open = other
      open[2] = logits(width, seed: 7)[2]
      let result = run(compare, base, open, width: width)[0]
      expectNear(result.kl, expected, "\(name)")
      #expect(result.largest_difference == .infinity, "\(name)")
      expectNear(run(compare, base, bothRuleOut, width: width)[0].kl, expectedBoth, "\(name)")
      #expect(run(compare, base, other, width: width)[0].kl == .infinity, "\(name)")
      let same = run(compare, base, base, width: width)[0]
      #expect(same.kl == 0 && same.largest_difference == 0 && same.identical, "\(name)")
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.nan], [0, 4, 16, 70, 99])
  func whatIsNoDistributionAgreesWithNothing(value: Float, place: Int) {
    let sound = logits(100, seed: 8)
    var broken = sound
    broken[place] = value
    for (name, compare, logSumExp) in Self.levels {
      for (base, other) in [(sound, broken), (broken, sound), (broken, broken)] {
        let result = run(compare, base, other, width: 100)[0]
        #expect(result.kl.isNaN && result.largest_difference == .infinity, "\(name)")
        #expect(min(result.base_top, result.other_top) == -1, "\(name)")
        #expect(result.shared_top_five == 0 && !result.identical, "\(name)")
      }
      var sum = 0.0
      logSumExp(broken, &sum, 1, 100)
      #expect(sum.isNaN, "\(name)")
      let nothing = [Float](repeating: -.infinity, count: 100)
      #expect(run(compare, nothing, nothing, width: 100)[0].kl.isNaN, "\(name)")
    }
    let comparison = LogitComparison(base: broken, other: broken)
    #expect(!comparison.topOneAgrees && !comparison.isIdentical)
    #expect(comparison.topFiveOverlap == 0 && comparison.largestDifference == .infinity)
  }

  @Test func farLogitsNeitherOverflowNorVanish() {
    // If one token has nearly all of the probability, KL is the difference of its
    // log-probabilities.
    let base: [Float] = [1e30, 0, 0, 0, 0, 0, 0, 0, 0]
    let other: [Float] = [0, 700, 0, 0, 0, 0, 0, 0, 0]
    for (name, compare, _) in Self.levels {
      #expect(run(compare, base, other, width: 9)[0].kl == 700, "\(name)")
      #expect(run(compare, other, base, width: 9)[0].kl == Double(Float(1e30)), "\(name)")
    }
  }

  @Test func manyRowsAreEachRowAlone() {
    let (rows, width) = (37, 333)
    let base = logits(rows * width, seed: 9)
    let other = logits(rows * width, seed: 10)
    let together = base.withUnsafeBufferPointer { a in
      other.withUnsafeBufferPointer { b in LogitComparison.rows(base: a, other: b, width: width) }
    }
    let alone = (0..<rows).map { row in
      let range = row * width..<(row + 1) * width
      return LogitComparison(base: Array(base[range]), other: Array(other[range]))
    }
    #expect(together == alone)
    let sums = base.withUnsafeBufferPointer { LogProbabilities.normalizers($0, width: width) }
    let total = base[0..<width].reduce(0) { $0 + exp(Double($1) - sums[0]) }
    #expect(sums.count == rows && abs(total - 1) < 1e-9)
  }
}
