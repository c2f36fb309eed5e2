import AISKit
import CAISKernels
import TestSupport
import Testing

/// Every vectorized kernel, compared with its plain C reference, at widths around a vector's.
struct KernelTests {
  private static let widths = [1, 7, 8, 15, 16, 17, 33, 64, 100]

  /// The instruction sets that this processor can run, without the reference.
  private static let twins: [ais_isa] = [AIS_ISA_AVX2, AIS_ISA_AVX512].filter {
    $0.rawValue <= ais_active_isa().rawValue
  }

  private func floats(_ count: Int, seed: UInt64, scale: Float = 3) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.unit() * 2 - 1) * scale }
  }

  /// The error relative to the largest expected number.
  private func expectNear(_ found: [Float], _ expected: [Float], _ tolerance: Float) {
    let scale = max(expected.map(abs).max() ?? 0, 1e-6)
    expectClose(found, expected, tolerance: tolerance * scale)
  }

  @Test(arguments: widths) func rmsNorm(width: Int) {
    let rows = 3
    let x = floats(rows * width, seed: 1)
    let w = floats(width, seed: 2)
    func run(_ kernel: RMSNorm) -> [Float] {
      var out = [Float](repeating: .nan, count: rows * width)
      kernel(x, w, 1e-5, &out, AIS_F32, rows, width)
      return out
    }
    let expected = run(ais_rmsnorm_f32_ref)
    for twin in Self.twins {
      expectNear(
        run(twin == AIS_ISA_AVX512 ? ais_rmsnorm_f32_avx512 : ais_rmsnorm_f32_avx2), expected, 2e-6)
    }
  }

  private typealias RMSNorm = (
    UnsafePointer<Float>?, UnsafePointer<Float>?, Float, UnsafeMutableRawPointer?, ais_dtype, Int,
    Int
  ) -> Void

  @Test(arguments: widths) func layerNorm(width: Int) {
    let rows = 3
    // Far from zero the mean must be subtracted before squares are added.
    let x = floats(rows * width, seed: 1).map { $0 + 20 }
    let (w, b) = (floats(width, seed: 2), floats(width, seed: 3))
    for bias in [b, nil] {
      func run(_ kernel: LayerNorm) -> [Float] {
        var out = [Float](repeating: .nan, count: rows * width)
        if let bias {
          kernel(x, w, bias, 1e-5, &out, AIS_F32, rows, width)
        } else {
          kernel(x, w, nil, 1e-5, &out, AIS_F32, rows, width)
        }
        return out
      }
      let expected = run(ais_layernorm_f32_ref)
      for twin in Self.twins {
        expectNear(
          run(twin == AIS_ISA_AVX512 ? ais_layernorm_f32_avx512 : ais_layernorm_f32_avx2),
          expected, 1e-5)
      }
    }
  }

  private typealias LayerNorm = (
    UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Float,
    UnsafeMutableRawPointer?, ais_dtype, Int, Int
  ) -> Void

  @Test func outputsInBfloat16AreTheFloatsRounded() {
    let (x, w) = (floats(66, seed: 1), floats(33, seed: 2))
    func bits(_ floats: [Float]) -> [UInt16] {
      var bits = [UInt16](repeating: 0, count: floats.count)
      ais_to_bf16_f32_ref(floats, &bits, floats.count)
      return bits
    }
    var (wide, half) = ([Float](repeating: 0, count: 66), [UInt16](repeating: 0, count: 66))
    ais_layernorm_f32(x, w, w, 1e-5, &wide, AIS_F32, 2, 33)
    ais_layernorm_f32(x, w, w, 1e-5, &half, AIS_BF16, 2, 33)
    #expect(half == bits(wide))
    ais_activate_f32(AIS_GELU_TANH, 0, x, &wide, AIS_F32, 2, 33)
    ais_activate_f32(AIS_GELU_TANH, 0, x, &half, AIS_BF16, 2, 33)
    #expect(half == bits(wide))
  }

  @Test func normsMayWriteOverTheirInput() {
    let (x, w) = (floats(66, seed: 1), floats(33, seed: 2))
    var apart = [Float](repeating: 0, count: 66)
    ais_layernorm_f32(x, w, w, 1e-5, &apart, AIS_F32, 2, 33)
    var layer = x
    layer.withUnsafeMutableBufferPointer {
      ais_layernorm_f32($0.baseAddress, w, w, 1e-5, $0.baseAddress, AIS_F32, 2, 33)
    }
    #expect(layer == apart)
    ais_rmsnorm_f32(x, w, 1e-5, &apart, AIS_F32, 2, 33)
    var rms = x
    rms.withUnsafeMutableBufferPointer {
      ais_rmsnorm_f32($0.baseAddress, w, 1e-5, $0.baseAddress, AIS_F32, 2, 33)
    }
    #expect(rms == apart)
  }

  @Test(arguments: widths) func activations(width: Int) {
    let rows = 2
    // Numbers near zero, and far into both tails, where e^-x must neither overflow nor lose the
    // sign.
    for scale: Float in [120, 2, 1e-3] {
      let x = floats(2 * rows * width, seed: 3, scale: scale)
      for kind in [AIS_SILU, AIS_GELU, AIS_GELU_TANH, AIS_GELU_QUICK, AIS_RELU] {
        for gated: Int32 in [0, 1] {
          func run(_ kernel: Activate) -> [Float] {
            var out = [Float](repeating: .nan, count: rows * width)
            kernel(kind, gated, x, &out, AIS_F32, rows, width)
            return out
          }
          let expected = run(ais_activate_f32_ref)
          for twin in Self.twins {
            expectNear(
              run(twin == AIS_ISA_AVX512 ? ais_activate_f32_avx512 : ais_activate_f32_avx2),
              expected, 1e-6)
          }
        }
      }
    }
  }

  @Test(arguments: [AIS_SILU, AIS_GELU, AIS_GELU_TANH, AIS_GELU_QUICK, AIS_RELU])
  func whatIsNoNumberStaysNone(kind: ais_activation) {
    // In the first lane, and after the last whole vector.
    var x = floats(33, seed: 6)
    (x[0], x[32]) = (.nan, .nan)
    for kernel in [ais_activate_f32_ref]
      + Self.twins.map({
        $0 == AIS_ISA_AVX512 ? ais_activate_f32_avx512 : ais_activate_f32_avx2
      })
    {
      var out = [Float](repeating: 0, count: 33)
      kernel(kind, 0, x, &out, AIS_F32, 1, 33)
      #expect(out.indices.filter { out[$0].isNaN } == [0, 32])
    }
  }

  private typealias Activate = (
    ais_activation, Int32, UnsafePointer<Float>?, UnsafeMutableRawPointer?, ais_dtype, Int, Int
  ) -> Void

  @Test(arguments: [
    // x · Φ(x) at 1 and −2, and the approximations by their formulas.
    (AIS_GELU, Float(0.841_344_75), Float(-0.045_500_26)),
    (AIS_GELU_TANH, 0.841_192, -0.045_402_3),
    (AIS_GELU_QUICK, 0.845_795_77, -0.064_341_38),
    (AIS_SILU, 0.731_058_6, -0.238_405_8),
    (AIS_RELU, 1, 0),
  ]) func activationsHaveTheirKnownValues(kind: ais_activation, atOne: Float, atMinusTwo: Float) {
    var out: [Float] = [0, 0]
    ais_activate_f32_ref(kind, 0, [1, -2], &out, AIS_F32, 1, 2)
    expectClose(out, [atOne, atMinusTwo], tolerance: 2e-6)
  }

  @Test(arguments: widths) func additionsAndSoftCaps(count: Int) {
    let (x, y) = (floats(count, seed: 4, scale: 90), floats(count, seed: 5))
    var (sum, capped) = (x, x)
    ais_add_f32_ref(&sum, y, 0.7, count)
    ais_soft_cap_f32_ref(&capped, 30, count)
    #expect(capped.allSatisfy { abs($0) <= 30 })
    for twin in Self.twins {
      var (foundSum, foundCapped) = (x, x)
      (twin == AIS_ISA_AVX512 ? ais_add_f32_avx512 : ais_add_f32_avx2)(&foundSum, y, 0.7, count)
      expectNear(foundSum, sum, 1e-6)
      (twin == AIS_ISA_AVX512 ? ais_soft_cap_f32_avx512 : ais_soft_cap_f32_avx2)(
        &foundCapped, 30, count)
      expectNear(foundCapped, capped, 1e-6)
    }
  }

  @Test(arguments: widths) func blend(count: Int) {
    let x = floats(count, seed: 4)
    let before = floats(count, seed: 5)
    var expected = x
    ais_blend_f32_ref(&expected, before, 0.3, count)
    for twin in Self.twins {
      var found = x
      (twin == AIS_ISA_AVX512 ? ais_blend_f32_avx512 : ais_blend_f32_avx2)(
        &found, before, 0.3, count)
      expectNear(found, expected, 1e-6)
    }
  }

  @Test func bfloat16RoundsToNearestEvenAndKeepsNaN() {
    let bits: [UInt32] = [
      0x3f80_0000, 0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x3f80_7fff, 0x7f80_0000, 0xff80_0000,
      0x7f7f_ffff, 0x7fc0_0000, 0x7fff_ffff, 0xffff_ffff, 0x7f80_0001, 0x0000_0001, 0x8000_0000,
      0x0000_8000, 0x0001_8000, 0x4049_0fdb, 0xc049_0fdb, 0x3eaa_aaab,
    ]
    let expectedBits: [UInt16] = [
      0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80, 0xff80,
      0x7f80, 0x7fc0, 0x7fff, 0xffff, 0x7fc0, 0x0000, 0x8000,
      0x0000, 0x0002, 0x4049, 0xc049, 0x3eab,
    ]
    let x = bits.map { Float(bitPattern: $0) }
    var expected = [UInt16](repeating: 0, count: x.count)
    ais_to_bf16_f32_ref(x, &expected, x.count)
    #expect(expected == expectedBits)
    for twin in Self.twins {
      var found = [UInt16](repeating: 0, count: x.count)
      (twin == AIS_ISA_AVX512 ? ais_to_bf16_f32_avx512 : ais_to_bf16_f32_avx2)(x, &found, x.count)
      #expect(found == expected)
    }
  }

  @Test func claimedMemoryKeepsItsContents() {
    let numbers = (0..<100_000).map { Float($0) }
    let buffer = HostBuffer(numbers)
    for bytes in [0..<400_000, 5..<6, 4_095..<4_097, 399_999..<400_000, 7..<7] {
      buffer.claim(bytes)
    }
    let same = numbers.indices.allSatisfy { buffer.floats[$0] == numbers[$0] }
    #expect(same)
  }
}
