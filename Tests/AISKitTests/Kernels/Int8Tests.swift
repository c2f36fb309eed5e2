import AISKit
import CAISKernels
import TestSupport
import Testing

/// Rounding to bytes and back: the twins against the specification.
struct Int8Tests {
  private let twins: [(ais_isa, Round, Scale)] = [
    (AIS_ISA_AVX2, ais_round_int8_f32_avx2, ais_scale_int32_avx2),
    (AIS_ISA_AVX512, ais_round_int8_f32_avx512, ais_scale_int32_avx512),
  ].filter { $0.0.rawValue <= ais_active_isa().rawValue }

  private typealias Round = (
    UnsafePointer<Float>?, Int32, UnsafeMutablePointer<Int8>?, UnsafeMutablePointer<Float>?, Int,
    Int
  ) -> Void
  private typealias Scale = (
    UnsafePointer<Int32>?, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?,
    UnsafeMutablePointer<Float>?, Int32, Int, Int
  ) -> Void

  @Test(arguments: [1, 7, 8, 16, 33, 100], [Int32(127), 63])
  func rowsAreRoundedByTheirLargest(width: Int, limit: Int32) {
    let rows = 3
    var random = SplitMix64(seed: 1)
    var x = (0..<rows * width).map { _ in Float(random.unit() * 2 - 1) * 5 }
    for i in width..<2 * width { x[i] = 0 }
    func run(_ kernel: Round) -> ([Int8], [Float]) {
      var bytes = [Int8](repeating: 9, count: rows * width)
      var scales = [Float](repeating: 9, count: rows)
      kernel(x, limit, &bytes, &scales, rows, width)
      return (bytes, scales)
    }
    let expected = run(ais_round_int8_f32_ref)
    #expect(expected.0.map { abs(Int32($0)) }.max() == limit)
    #expect(expected.1[1] == 0 && expected.0[width] == 0)
    for (index, byte) in expected.0.enumerated() {
      let error = abs(Float(byte) * expected.1[index / width] - x[index])
      #expect(error <= 0.5001 * expected.1[index / width])
    }
    for twin in twins { #expect(run(twin.1) == expected) }
  }

  @Test(arguments: [1, 7, 16, 33], [true, false])
  func sumsAreScaledBack(width: Int, accumulate: Bool) {
    let rows = 2
    let sums = (0..<rows * width).map { Int32($0 * 1_000 - 5_000) }
    let (rowScales, scales) = ([Float(0.5), 0.25], (0..<width).map { Float($0 + 1) / 8 })
    let bias = (0..<width).map { Float($0) }
    func run(_ kernel: Scale) -> [Float] {
      var out = [Float](repeating: 2, count: rows * width)
      kernel(sums, rowScales, scales, bias, &out, accumulate ? 1 : 0, rows, width)
      return out
    }
    let expected = run(ais_scale_int32_ref)
    let first = -5_000 * rowScales[0] * scales[0] + (accumulate ? 2 : 0)
    #expect(expected[0] == first)
    for twin in twins { #expect(run(twin.2) == expected) }
  }
}
