import CAISKernels

/// bfloat16 products for processors on which no library computes them: the same numbers, widened to
/// float32 and multiplied by a float32 engine.
///
/// Products of two bfloat16 numbers are exact in float32. So results differ from those of a
/// processor with bfloat16 only by the order of the sums. Weights take as much memory as float32,
/// and products are not faster.
package final class WidenedEngine: MatrixEngine {
  package let type = ComputeType.bf16
  package let inputType = AIS_BF16_WIDE
  private let base: any MatrixEngine

  /// An engine on top of a float32 one.
  package init(_ base: any MatrixEngine) {
    precondition(base.type == .f32)
    self.base = base
  }

  package var name: String { "\(base.name) on bf16 numbers as f32" }

  package var productRanges: [ClosedRange<Int>] { base.productRanges }

  package func pack(
    _ source: WeightSource
  ) throws -> WeightMatrix {
    let inputs = source.inputs
    let rounded = WeightSource(
      outputs: source.outputs, inputs: inputs, bias: source.bias,
      fill: { range, pointer in
        try source.fill(range, pointer)
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: inputs) { row in
          guard let halves = row.baseAddress else { return }
          for index in 0..<range.count {
            ais_to_bf16_f32(pointer + index * inputs, halves, inputs)
            ais_dequantize_bf16(halves, pointer + index * inputs, inputs)
          }
        }
      }, release: source.release)
    return try base.pack(rounded)
  }

  package func makePlans() -> any MatrixPlans { base.makePlans() }
}
