import AISKit
import CAISKernels
import TestSupport
import Testing

/// Products with packed weights: the reference against plain sums, the fast kernels against the
/// reference bit for bit.
struct ProductTests {
  private typealias Block = (
    UnsafePointer<ais_panels>?, Int, Int, UnsafeRawPointer?, Int, UnsafeMutablePointer<Float>?,
    Int32
  ) -> Void

  /// A product's operands, and its weights packed.
  private struct Operands {
    let (outputs, inputs, rows): (Int, Int, Int)
    let type: ais_dtype
    let width: Int
    var x: [Float]
    var weights: [Float]
    let bias: [Float]?
    let before: [Float]
    let packed: HostBuffer

    init(
      outputs: Int, inputs: Int, rows: Int, type: ais_dtype, width: Int, hasBias: Bool = true
    ) {
      var random = SplitMix64(seed: UInt64(outputs * 10_007 + inputs * 101 + rows))
      func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float(random.unit() * 2 - 1) }
      }
      (self.outputs, self.inputs, self.rows) = (outputs, inputs, rows)
      (self.type, self.width) = (type, width)
      x = floats(rows * inputs)
      weights = floats(outputs * inputs)
      bias = hasBias ? floats(outputs) : nil
      before = floats(rows * outputs)
      if type == AIS_BF16 {
        ais_round_bf16_f32_ref(x, &x, x.count)
        ais_round_bf16_f32_ref(weights, &weights, weights.count)
      }
      let elements = ais_panel_elements(type, inputs, width)
      let panelBytes = elements * ais_dtype_bytes(type)
      let panels = ais_panel_count(outputs, width)
      packed = HostBuffer(byteCount: panels * panelBytes)
      for panel in 0..<panels {
        let count = min(width, outputs - panel * width)
        weights.withUnsafeBufferPointer {
          ais_pack_panel(
            type, width, $0.baseAddress.map { $0 + panel * width * inputs }, count, inputs,
            packed.pointer + panel * panelBytes)
        }
      }
    }

    /// Runs a kernel on all panels, in blocks of as many rows as it takes.
    func run(_ kernel: Block, accumulate: Bool, halves: Bool = false) -> [Float] {
      var out = before
      var bits = [UInt16](repeating: 0, count: x.count)
      ais_to_bf16_f32_ref(x, &bits, x.count)
      withPanels { panels in
        var row = 0
        while row < rows {
          let count = min(AIS_PRODUCT_ROWS, rows - row)
          out.withUnsafeMutableBufferPointer { out in
            let to = out.baseAddress.map { $0 + row * outputs }
            if halves {
              bits.withUnsafeBufferPointer {
                kernel(
                  panels, 0, ais_panel_count(outputs, width),
                  $0.baseAddress.map { $0 + row * inputs }, count, to, accumulate ? 1 : 0)
              }
            } else {
              x.withUnsafeBufferPointer {
                kernel(
                  panels, 0, ais_panel_count(outputs, width),
                  $0.baseAddress.map { $0 + row * inputs }, count, to, accumulate ? 1 : 0)
              }
            }
          }
          row += count
        }
      }
      return out
    }

    func withPanels<Result>(_ body: (UnsafePointer<ais_panels>) -> Result) -> Result {
      func call(_ bias: UnsafePointer<Float>?) -> Result {
        var panels = ais_panels(
          outputs: outputs, inputs: inputs, width: width, type: type, data: packed.pointer,
          bias: bias)
        return body(&panels)
      }
      guard let bias else { return call(nil) }
      return bias.withUnsafeBufferPointer { call($0.baseAddress) }
    }

    /// The product in double precision.
    func expected(accumulate: Bool) -> [Float] {
      (0..<rows * outputs).map { index in
        let (row, output) = (index / outputs, index % outputs)
        var sum = Double(bias?[output] ?? 0) + (accumulate ? Double(before[index]) : 0)
        for k in 0..<inputs {
          sum += Double(x[row * inputs + k]) * Double(weights[output * inputs + k])
        }
        return Float(sum)
      }
    }
  }

  static let shapes = [
    (outputs: 1, inputs: 1, rows: 1), (15, 2, 2), (16, 31, 3), (17, 33, 5), (64, 320, 6),
    (65, 321, 7), (130, 700, 13), (48, 641, 97),
  ]

  @Test(arguments: shapes, [AIS_F32, AIS_BF16])
  func specificationIsAPlainSum(
    shape: (outputs: Int, inputs: Int, rows: Int), type: ais_dtype
  ) {
    for (accumulate, width) in [(false, 16), (true, 16), (true, 64)] {
      let operands = Operands(
        outputs: shape.outputs, inputs: shape.inputs, rows: shape.rows, type: type, width: width)
      expectClose(
        operands.run(
          type == AIS_F32 ? ais_product_block_f32_ref : ais_product_block_bf16_ref,
          accumulate: accumulate),
        operands.expected(accumulate: accumulate),
        // Each addition rounds a partial sum below 32 to 24 bits.
        tolerance: Float(shape.inputs) * 0x1p-24 * 32)
    }
  }

  @Test(arguments: shapes, [true, false])
  func twinsGiveTheSameBits(
    shape: (outputs: Int, inputs: Int, rows: Int), accumulate: Bool
  ) {
    typealias Twin = (name: String, width: Int, f32: Block, bf16: Block)
    let twins: [(ais_isa, Twin)] = [
      (AIS_ISA_AVX2, ("avx2", 16, ais_product_block_f32_avx2, ais_product_block_bf16_avx2)),
      (
        AIS_ISA_AVX512,
        ("avx512", 64, ais_product_block_f32_avx512, ais_product_block_bf16_avx512)
      ),
    ]
    for (isa, twin) in twins where isa.rawValue <= ais_active_isa().rawValue {
      for type in [AIS_F32, AIS_BF16] {
        let operands = Operands(
          outputs: shape.outputs, inputs: shape.inputs, rows: shape.rows, type: type,
          width: twin.width, hasBias: !accumulate)
        let expected = operands.run(
          type == AIS_F32 ? ais_product_block_f32_ref : ais_product_block_bf16_ref,
          accumulate: accumulate)
        let found = operands.run(type == AIS_F32 ? twin.f32 : twin.bf16, accumulate: accumulate)
        #expect(found == expected, "\(twin.name), type \(type)")
      }
    }
  }

  @Test(.enabled(if: ais_has_bf16_dot(), "needs AVX-512 BF16"), arguments: shapes)
  func pairsOfBfloat16StayNear(shape: (outputs: Int, inputs: Int, rows: Int)) {
    let operands = Operands(
      outputs: shape.outputs, inputs: shape.inputs, rows: shape.rows, type: AIS_BF16, width: 64)
    expectClose(
      operands.run(ais_product_block_bf16_dot_avx512, accumulate: true, halves: true),
      operands.expected(accumulate: true), tolerance: 1e-4)
  }

  @Test(arguments: [AIS_F32, AIS_BF16]) func rowsDoNotDependOnTheirNeighbours(type: ais_dtype) {
    let rows = 211
    let operands = Operands(
      outputs: 330, inputs: 97, rows: rows, type: type, width: ais_panel_width())
    let before = Threads.count
    defer { Threads.count = before }
    func product(_ range: Range<Int>, threads: Int) -> [Float] {
      Threads.count = threads
      var x = Array(operands.x[range.lowerBound * 97..<range.upperBound * 97])
      var out = [Float](repeating: 0, count: range.count * 330)
      operands.withPanels { panels in
        if ais_product_input_type(type) == AIS_BF16 {
          var bits = [UInt16](repeating: 0, count: x.count)
          ais_to_bf16_f32_ref(x, &bits, x.count)
          ais_product(panels, &bits, AIS_BF16, range.count, &out, 0)
        } else {
          ais_product(panels, &x, ais_product_input_type(type), range.count, &out, 0)
        }
      }
      return out
    }
    let all = product(0..<rows, threads: 2)
    #expect(product(0..<rows, threads: 1) == all)
    #expect(product(0..<rows, threads: 5) == all)
    for range in [0..<1, 7..<8, 40..<47, 100..<211] {
      #expect(
        product(range, threads: 2) == Array(all[range.lowerBound * 330..<range.upperBound * 330]))
    }
  }
}
