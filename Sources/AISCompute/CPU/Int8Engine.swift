import CAISKernels

/// Matrix products of 8-bit integers.
///
/// Each output's weights share one scale. Each row's activations share one scale too, and are
/// rounded at each product; the largest magnitude of a row maps to 127. On processors that add
/// pairs of byte products in 16 bits, weights are limited to ±63, so that no pair can overflow.
package final class Int8Engine: MatrixEngine {
  package let type = ComputeType.int8
  package let inputType = AIS_F32
  private let limit = ais_byte_weight_limit()

  package init() {}

  package var name: String {
    "own products of \(limit == 127 ? "8" : "7")-bit weights with 8-bit activations "
      + "(\(String(cString: ais_byte_product_kernels())))"
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    let (outputs, inputs) = (source.outputs, source.inputs)
    guard inputs <= AIS_BYTE_INPUTS else {
      throw EngineError(
        engine: "AIS", operation: "packing int8 weights",
        reason: "\(inputs) inputs, at most \(AIS_BYTE_INPUTS) can be summed")
    }
    let (width, limit) = (ais_panel_width(), limit)
    let panels = PanelPacking(
      outputs: outputs, inputs: inputs, width: width,
      panelBytes: ais_byte_row_stride(inputs) * width)
    let sums = HostBuffer(byteCount: panels.count * width * 4)
    let scales = HostBuffer(byteCount: panels.count * width * 4)
    let packed = try panels.write(source) { panel, rows, target in
      ais_pack_byte_panel(
        width, limit, rows, panels.outputs(of: panel).count, inputs,
        target.assumingMemoryBound(to: Int8.self),
        sums.pointer.assumingMemoryBound(to: Int32.self) + panel * width,
        scales.floats + panel * width)
    }
    return WeightMatrix(
      source, byteCount: packed.byteCount, deviceBias: source.bias.map { HostBuffer($0) },
      layout: Int8Layout(packed: packed, sums: sums, scales: scales, width: width))
  }

  package func makePlans() -> any MatrixPlans { Int8Plans() }
}

private struct Int8Layout {
  let packed: HostBuffer
  /// Sum and scale of each output's weights.
  ///
  /// Shape: [outputs rounded up to whole panels] each.
  let sums: HostBuffer
  let scales: HostBuffer
  let width: Int
}

private final class Int8Plans: MatrixPlans {
  private var rounded = ReusableBuffer()
  private var rowScales = ReusableBuffer()

  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    guard let layout = weights.layout as? Int8Layout else { throw EngineError.foreignWeights }
    let inputs = weights.inputs
    let bytes = rounded.holding(byteCount: rows * ais_byte_row_stride(inputs))
      .pointer.assumingMemoryBound(to: UInt8.self)
    let scales = rowScales.holding(byteCount: rows * 4).floats
    ais_round_bytes_f32(
      input.assumingMemoryBound(to: Float.self), bytes, scales, rows, inputs)
    var panels = ais_byte_panels(
      outputs: weights.outputs, inputs: inputs, width: layout.width,
      data: layout.packed.pointer.assumingMemoryBound(to: Int8.self),
      sums: layout.sums.pointer.assumingMemoryBound(to: Int32.self),
      scales: layout.scales.floats, bias: weights.hostBias?.floats)
    ais_byte_product(&panels, bytes, scales, rows, output, accumulate ? 1 : 0)
  }
}
