import CAISKernels
import COneDNN

/// Matrix products of whole numbers of 8 bits, by oneDNN.
///
/// Each output's weights share one scale, and so do each row's activations, which are rounded when they
/// come; the largest magnitude maps to 127. Where the processor adds products of bytes in pairs of 16
/// bits, weights keep to ±63, so that no pair can overflow.
package final class Int8Engine: MatrixEngine {
  package let type = ComputeType.int8
  package let inputType = AIS_F32
  private let products: OneDNNEngine
  private let limit: Int32

  /// - Throws: `EngineError` where oneDNN has no such products for this processor.
  package init() throws {
    products = try OneDNNEngine(type: .int8)
    limit = ais_has_byte_dot() ? 127 : 63
  }

  package var name: String {
    "\(products.name), \(limit == 127 ? "8" : "7")-bit weights, 8-bit activations"
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    let (outputs, inputs) = (source.outputs, source.inputs)
    let bytes = DeviceBuffer(byteCount: outputs * inputs)
    let scales = DeviceBuffer(byteCount: outputs * 4)
    let (target, targetScales) = (
      UncheckedRawPointer(bytes.pointer), UncheckedPointer(scales.floats)
    )
    let limit = limit
    try Threads.ranges(outputs, grain: max(1, 65_536 / max(inputs, 1))) { range in
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: inputs) { row in
        guard let base = row.baseAddress else { return }
        for output in range {
          try source.fill(output..<output + 1, base)
          ais_round_int8_f32(
            base, limit,
            (target.pointer + output * inputs).assumingMemoryBound(to: Int8.self),
            targetScales.pointer + output, 1, inputs)
        }
      }
    }
    source.release()
    let packed = try products.pack(
      bytes, as: dnnl_s8, outputs: outputs, inputs: inputs, bias: nil)
    return WeightMatrix(
      outputs: outputs, inputs: inputs, byteCount: packed.byteCount,
      bias: source.bias.map { DeviceBuffer($0) },
      layout: Int8Layout(bytes: packed, scales: scales))
  }

  package func makePlans() -> any MatrixPlans { Int8Plans(products: products.makePlans()) }
}

private struct Int8Layout {
  let bytes: WeightMatrix
  /// Shape: [outputs].
  let scales: DeviceBuffer
}

private final class Int8Plans: MatrixPlans {
  private let products: any MatrixPlans
  private var roundedStorage = ReusableBuffer()
  private var scaleStorage = ReusableBuffer()
  private var sumStorage = ReusableBuffer()

  init(products: any MatrixPlans) { self.products = products }

  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    guard let layout = weights.layout as? Int8Layout else { throw EngineError.foreignWeights }
    let (inputs, outputs) = (weights.inputs, weights.outputs)
    let rounded = roundedStorage.holding(byteCount: rows * inputs)
    let rowScales = scaleStorage.holding(byteCount: rows * 4)
    let sums = sumStorage.holding(byteCount: rows * outputs * 4)
    ais_round_int8_f32(
      input.assumingMemoryBound(to: Float.self), 127,
      rounded.pointer.assumingMemoryBound(to: Int8.self), rowScales.floats, rows, inputs)
    try products.multiply(
      rounded.pointer, rows: rows, by: layout.bytes, into: sums.floats, accumulate: false)
    ais_scale_int32(
      sums.pointer.assumingMemoryBound(to: Int32.self), rowScales.floats, layout.scales.floats,
      weights.bias?.floats, output, accumulate ? 1 : 0, rows, outputs)
  }
}
