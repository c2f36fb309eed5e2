import CAISKernels

/// Every operation as its specification: plain loops and the kernels' `_ref` versions.
///
/// The rotary pass is the same code as elsewhere, since it exists as plain C alone.
///
/// What the fast backend is checked against where no outside reference is at hand. For tests and for
/// a prompt or two on a small model.
package final class ReferenceBackend: Backend {
  private let engine = ReferenceEngine()

  package init() {}

  package var summary: String { "reference loops, f32" }

  package var computeType: ComputeType { .f32 }

  package let inputBytes = 4

  package func pack(_ source: WeightSource) throws -> WeightMatrix { try engine.pack(source) }

  package func makeProducts() -> any MatrixPlans { engine.makePlans() }

  package func makeStream() -> any ComputeStream { ReferenceStream(plans: engine.makePlans()) }
}

private final class ReferenceStream: ComputeStream {
  private let plans: any MatrixPlans
  private var scratch = ReusableBuffer()

  init(plans: any MatrixPlans) { self.plans = plans }

  func normalize(
    _ x: DeviceBuffer, rows: Int, by norm: NormWeights, into out: DeviceBuffer, as type: OutputType
  ) {
    switch norm.kind {
    case .rms:
      ais_rmsnorm_f32_ref(
        x.floats, norm.weight.floats, norm.epsilon, out.pointer, AIS_F32, rows, norm.width)
    case .layer:
      ais_layernorm_f32_ref(
        x.floats, norm.weight.floats, norm.bias?.floats, norm.epsilon, out.pointer, AIS_F32, rows,
        norm.width)
    }
  }

  func convert(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer) {
    copy(x, count: count, into: out)
  }

  func multiply(
    _ x: DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: DeviceBuffer,
    accumulate: Bool
  ) throws {
    try plans.multiply(
      x.pointer, rows: rows, by: weights, into: out.floats, accumulate: accumulate)
  }

  func rotateAndStore(_ qkv: DeviceBuffer, heads: ais_heads, spans: [ais_span]) {
    withUnsafePointer(to: heads) { ais_rotate_store_f32($0, qkv.floats, spans, spans.count) }
  }

  func clearPositions(heads: ais_heads, spans: [ais_span]) {
    withUnsafePointer(to: heads) { ais_clear_positions_f32($0, spans, spans.count) }
  }

  func attend(_ qkv: DeviceBuffer, heads: ais_heads, spans: [ais_span], into out: DeviceBuffer) {
    let longest = spans.map(\.capacity).max() ?? 0
    let weights = scratch.holding(byteCount: longest * 4).floats
    withUnsafePointer(to: heads) { heads in
      for span in spans {
        withUnsafePointer(to: span) { span in
          for head in 0..<heads.pointee.kv_heads {
            ais_attention_tile_f32_ref(
              heads, qkv.floats, span, head, 0, span.pointee.row_count, nil, out.pointer, AIS_F32,
              weights)
          }
        }
      }
    }
  }

  func activate(
    _ x: DeviceBuffer, rows: Int, width: Int, _ activation: ModelConfig.Activation, isGated: Bool,
    into out: DeviceBuffer
  ) {
    ais_activate_f32_ref(
      activation.kernel, isGated ? 1 : 0, x.floats, out.pointer, AIS_F32, rows, width)
  }

  func add(_ x: DeviceBuffer, to out: DeviceBuffer, count: Int) {
    ais_add_f32_ref(out.floats, x.floats, 1, count)
  }

  func addRows(
    _ x: DeviceBuffer, width: Int, scales: [Float], to out: DeviceBuffer, rows indices: [Int]
  ) {
    for (source, target) in indices.enumerated() {
      ais_add_f32_ref(out.floats + target * width, x.floats + source * width, scales[source], width)
    }
  }

  func clear(_ x: DeviceBuffer, count: Int) { x.floats.update(repeating: 0, count: count) }

  func softCap(_ x: DeviceBuffer, cap: Float, count: Int) {
    ais_soft_cap_f32_ref(x.floats, cap, count)
  }

  func blend(_ x: DeviceBuffer, with before: DeviceBuffer, alpha: Float, count: Int) {
    ais_blend_f32_ref(x.floats, before.floats, alpha, count)
  }

  func copy(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer) {
    out.pointer.copyMemory(from: x.pointer, byteCount: count * 4)
  }

  func gather(
    _ x: DeviceBuffer, rows indices: [Int], rowBytes: Int, into out: DeviceBuffer,
    at places: [Int]?
  ) {
    for (index, source) in indices.enumerated() {
      (out.pointer + (places?[index] ?? index) * rowBytes).copyMemory(
        from: x.pointer + source * rowBytes, byteCount: rowBytes)
    }
  }

  func synchronize() {}
}
