import AISKit
import CAISKernels
import TestSupport
import Testing

/// Integer products: the reference against plain sums, the fast kernels against the reference bit
/// for bit.
struct Int8Tests {
  private typealias Block = (
    UnsafePointer<ais_byte_panels>?, Int, Int, UnsafePointer<UInt8>?, UnsafePointer<Float>?, Int,
    UnsafeMutablePointer<Float>?, Int32
  ) -> Void
  private typealias Round = (
    UnsafePointer<Float>?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Float>?, Int, Int
  ) -> Void

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float(random.unit() * 2 - 1) * 5 }
  }

  @Test(arguments: [1, 7, 8, 16, 33, 100]) func rowsAreRoundedByTheirLargest(width: Int) {
    let (rows, stride) = (3, ais_byte_row_stride(width))
    var x = numbers(rows * width, seed: 1)
    for i in width..<2 * width { x[i] = 0 }
    func run(_ kernel: Round) -> ([UInt8], [Float]) {
      var bytes = [UInt8](repeating: 9, count: rows * stride)
      var scales = [Float](repeating: 9, count: rows)
      kernel(x, &bytes, &scales, rows, width)
      return (bytes, scales)
    }
    let expected = run(ais_round_bytes_f32_ref)
    #expect(expected.1[1] == 0 && expected.0[stride] == 128)
    for row in 0..<rows {
      let signed = (0..<width).map { Int(expected.0[row * stride + $0]) - 128 }
      #expect(row == 1 || signed.map(abs).max() == 127)
      for (i, byte) in signed.enumerated() {
        let error = abs(Float(byte) * expected.1[row] - x[row * width + i])
        #expect(error <= 0.5001 * expected.1[row])
      }
    }
    if ais_active_isa().rawValue >= AIS_ISA_AVX2.rawValue {
      #expect(run(ais_round_bytes_f32_avx2) == expected)
    }
    if ais_active_isa() == AIS_ISA_AVX512 { #expect(run(ais_round_bytes_f32_avx512) == expected) }
  }

  @Test(
    arguments: [(1, 1, 1), (16, 31, 3), (65, 130, 7), (65, 132, 12), (130, 700, 13)], [true, false])
  func productsAreExact(shape: (outputs: Int, inputs: Int, rows: Int), accumulate: Bool) {
    let (outputs, inputs, rows) = shape
    let (weights, bias) = (numbers(outputs * inputs, seed: 2), numbers(outputs, seed: 3))
    let before = numbers(rows * outputs, seed: 4)
    let stride = ais_byte_row_stride(inputs)
    var bytes = [UInt8](repeating: 0, count: rows * stride)
    var rowScales = [Float](repeating: 0, count: rows)
    ais_round_bytes_f32_ref(
      numbers(rows * inputs, seed: 5), &bytes, &rowScales, rows, inputs)

    func product(_ kernel: Block, width: Int, limit: Int32) -> [Float] {
      let panels = ais_panel_count(outputs, width)
      let packed = HostBuffer(byteCount: panels * width * stride)
      let data = packed.pointer.assumingMemoryBound(to: Int8.self)
      var sums = [Int32](repeating: 0, count: panels * width)
      var scales = [Float](repeating: 0, count: panels * width)
      for panel in 0..<panels {
        var (own, ownScales) = (
          [Int32](repeating: 0, count: width), [Float](repeating: 0, count: width)
        )
        let first = panel * width
        weights.withUnsafeBufferPointer {
          ais_pack_byte_panel(
            width, limit, $0.baseAddress.map { $0 + first * inputs }, min(width, outputs - first),
            inputs, data + first * stride, &own, &ownScales)
        }
        sums.replaceSubrange(first..<first + width, with: own)
        scales.replaceSubrange(first..<first + width, with: ownScales)
      }
      var out = before
      sums.withUnsafeBufferPointer { sums in
        scales.withUnsafeBufferPointer { scales in
          bias.withUnsafeBufferPointer { bias in
            var matrix = ais_byte_panels(
              outputs: outputs, inputs: inputs, width: width, data: data, sums: sums.baseAddress,
              scales: scales.baseAddress, bias: bias.baseAddress)
            kernel(&matrix, 0, panels, bytes, rowScales, rows, &out, accumulate ? 1 : 0)
          }
        }
      }
      return out
    }

    let expected = (0..<rows * outputs).map { index -> Float in
      let (row, output) = (index / outputs, index % outputs)
      let own = weights[output * inputs..<(output + 1) * inputs]
      let largest = own.map(abs).max() ?? 0
      var sum = 0
      for (k, weight) in own.enumerated() {
        let rounded = Int((weight * (127 / largest)).rounded(.toNearestOrEven))
        sum += rounded * (Int(bytes[row * stride + k]) - 128)
      }
      let value = Float(sum) * (rowScales[row] * (largest / 127)) + bias[output]
      return accumulate ? before[index] + value : value
    }
    for width in [16, 64] {
      #expect(product(ais_byte_block_ref, width: width, limit: 127) == expected)
    }
    let seven = product(ais_byte_block_ref, width: 16, limit: 63)
    expectClose(seven, expected, tolerance: 25 * Float(inputs) * 0.02)
    if ais_active_isa().rawValue >= AIS_ISA_AVX2.rawValue {
      #expect(product(ais_byte_block_avx2, width: 16, limit: 63) == seven)
    }
    if ais_active_isa() == AIS_ISA_AVX512 {
      #expect(product(ais_byte_block_avx512, width: 64, limit: 63) == seven)
    }
    if ais_has_byte_dot() {
      #expect(product(ais_byte_block_avx512vnni, width: 64, limit: 127) == expected)
    }
  }
}
