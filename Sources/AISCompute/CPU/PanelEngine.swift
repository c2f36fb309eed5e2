import CAISKernels
import Synchronization

/// Matrix products by the project's own kernels.
///
/// Weights are packed in panels.
///
/// One layout serves every number of rows. A single row reads each panel once and is bound by
/// memory. Many rows reuse it from the caches and are bound by arithmetic. A row's result is the
/// same bits for any number of threads and does not depend on the other rows. On processors with
/// matrix tiles (AMX), oneDNN computes bfloat16 products of many rows from the same packed weights.
/// Those sums have another order.
package final class PanelEngine: MatrixEngine {
  package let type: ComputeType
  private let wide: OneDNNEngine?

  /// The fewest rows for which matrix tiles are faster.
  static let wideRows = 24
  /// Whether matrix tiles are used where the processor has them.
  static var allowsTiles: Bool {
    get { tilesAllowed.withLock { $0 } }
    set { tilesAllowed.withLock { $0 = newValue } }
  }
  private static let tilesAllowed = Mutex(true)

  /// An engine for float32 or bfloat16.
  package init(type: ComputeType) {
    precondition(type == .f32 || type == .bf16, "panels hold floating-point numbers")
    self.type = type
    wide =
      type == .bf16 && ais_has_matrix_tiles() && Self.allowsTiles
      ? try? OneDNNEngine(type: .bf16) : nil
  }

  package var name: String {
    let kernels = String(cString: ais_product_kernels(type.panelType))
    return "own products (\(kernels))" + (wide.map { " and \($0.name) where wide" } ?? "")
  }

  /// Tiles add in oneDNN's order, which depends on the number of rows.
  package var productRanges: [ClosedRange<Int>] {
    wide == nil ? [1...Int.max] : [1...Self.wideRows - 1]
  }

  package var inputType: ais_dtype {
    wide == nil ? ais_product_input_type(type.panelType) : AIS_BF16
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    let (packed, width) = try Self.panels(of: source, type)
    let bias = source.bias.map { HostBuffer($0) }
    let sameWeights = try wide?.adopt(packed, of: source, bias: bias, width: width)
    return WeightMatrix(
      source, byteCount: packed.byteCount, deviceBias: bias,
      layout: PanelLayout(packed: packed, width: width, wide: sameWeights))
  }

  /// A matrix in panels, and the panels' width.
  static func panels(
    of source: WeightSource, _ type: ComputeType
  ) throws -> (packed: HostBuffer, width: Int) {
    let (outputs, inputs, width) = (source.outputs, source.inputs, ais_panel_width())
    let type = type.panelType
    let panels = PanelPacking(
      outputs: outputs, inputs: inputs, width: width,
      panelBytes: ais_panel_elements(type, inputs, width) * ais_dtype_bytes(type))
    let packed = try panels.write(source) { panel, rows, target in
      ais_pack_panel(type, width, rows, panels.outputs(of: panel).count, inputs, target)
    }
    return (packed, width)
  }

  package func makePlans() -> any MatrixPlans {
    PanelPlans(type: type, wide: wide)
  }
}

/// Panels, and the same bytes as oneDNN's weights.
private struct PanelLayout {
  let packed: HostBuffer
  let width: Int
  let wide: WeightMatrix?
}

private final class PanelPlans: MatrixPlans {
  private let type: ais_dtype
  private let wide: OneDNNEngine?
  /// Each thread multiplies a block of rows and has its own plans.
  private var widePlans: [any MatrixPlans] = []
  private var widened = ReusableBuffer()

  init(type: ComputeType, wide: OneDNNEngine?) {
    self.type = type.panelType
    self.wide = wide
  }

  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    guard let layout = weights.layout as? PanelLayout else { throw EngineError.foreignWeights }
    if rows >= PanelEngine.wideRows, let wide, let matrix = layout.wide {
      return try multiply(
        input, rows: rows, by: matrix, wide, into: output, accumulate: accumulate)
    }
    var panels = ais_panels(
      outputs: weights.outputs, inputs: weights.inputs, width: layout.width, type: type,
      data: layout.packed.pointer, bias: weights.hostBias?.floats)
    let best = ais_product_input_type(type)
    guard wide != nil, best == AIS_BF16_WIDE else {
      return ais_product(&panels, input, best, rows, output, accumulate ? 1 : 0)
    }
    // The few rows of a narrow product are bfloat16, as tiles need them, and are widened to
    // float32.
    let count = rows * weights.inputs
    let floats = widened.holding(byteCount: count * 4).floats
    ais_dequantize_bf16(input, floats, count)
    ais_product(&panels, floats, best, rows, output, accumulate ? 1 : 0)
  }

  private func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix, _ engine: OneDNNEngine,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    let blocks = min(Threads.count, rows / PanelEngine.wideRows)
    while widePlans.count < blocks { widePlans.append(engine.makePlans()) }
    let (source, target) = (UncheckedRawPointer(input), UncheckedPointer(output))
    let rowBytes = weights.inputs * 2
    try Threads.ranges(blocks, grain: 1) { range in
      for block in range {
        let (first, end) = (rows * block / blocks, rows * (block + 1) / blocks)
        try widePlans[block].multiply(
          source.pointer + first * rowBytes, rows: end - first, by: weights,
          into: target.pointer + first * weights.outputs, accumulate: accumulate)
      }
    }
  }
}

extension ComputeType {
  /// The C constant for the numbers in panels of this type.
  var panelType: ais_dtype { self == .bf16 ? AIS_BF16 : AIS_F32 }
}
