import CAISKernels

/// The processor: a matrix engine for the products, the project's own kernels for the rest.
package final class CPUBackend: Backend {
  private let engine: any MatrixEngine

  package init(engine: any MatrixEngine) { self.engine = engine }

  /// The best engine for `type`: oneDNN, or for float32 OpenBLAS where oneDNN cannot serve.
  ///
  /// - Throws: `EngineError` where no library here multiplies in that type.
  package convenience init(type: ComputeType) throws {
    do {
      self.init(engine: try OneDNNEngine(type: type))
    } catch let error as EngineError {
      guard type == .f32 else { throw error }
      self.init(engine: OpenBLASEngine())
    }
  }

  package var summary: String {
    "CPU, \(engine.type.rawValue), \(engine.name), \(Threads.instructionSet) kernels, "
      + "\(Threads.count) thread\(Threads.count == 1 ? "" : "s")"
  }

  package var computeType: ComputeType { engine.type }

  package func pack(
    _ source: WeightSource, staging: inout ReusableBuffer
  ) throws -> WeightMatrix {
    try engine.pack(source, staging: &staging)
  }

  package func makeStream() -> any ComputeStream {
    CPUStream(plans: engine.makePlans(), type: engine.type)
  }
}

/// Runs each operation at once, on the calling thread and the pool.
private final class CPUStream: ComputeStream {
  private let plans: any MatrixPlans
  private let outputType: ais_dtype
  private var scratch = ReusableBuffer()

  init(plans: any MatrixPlans, type: ComputeType) {
    self.plans = plans
    outputType = type == .bf16 ? AIS_BF16 : AIS_F32
  }

  func normalize(
    _ x: DeviceBuffer, rows: Int, weight: DeviceBuffer, width: Int, epsilon: Float,
    into out: DeviceBuffer
  ) {
    ais_rmsnorm_f32(x.floats, weight.floats, epsilon, out.pointer, outputType, rows, width)
  }

  func multiply(
    _ x: DeviceBuffer, rows: Int, by weights: WeightMatrix, into out: DeviceBuffer,
    accumulate: Bool
  ) throws {
    try plans.multiply(
      x.pointer, rows: rows, by: weights, into: out.floats, accumulate: accumulate)
  }

  func rotateAndStore(
    _ qkv: DeviceBuffer, heads: ais_heads, angles: RotaryTable, spans: [ais_span]
  ) {
    withUnsafePointer(to: heads) { heads in
      ais_rotate_store_f32(
        heads, qkv.floats, angles.cosines.floats, angles.sines.floats, spans, spans.count)
    }
  }

  func attend(_ qkv: DeviceBuffer, heads: ais_heads, spans: [ais_span], into out: DeviceBuffer) {
    withUnsafePointer(to: heads) { heads in
      let floats = ais_attention_scratch(spans, spans.count)
      ais_attention_f32(
        heads, qkv.floats, spans, spans.count, out.pointer, outputType,
        scratch.holding(byteCount: floats * 4).floats)
    }
  }

  func swiglu(_ gateUp: DeviceBuffer, rows: Int, width: Int, into out: DeviceBuffer) {
    ais_swiglu_f32(gateUp.floats, out.pointer, outputType, rows, width)
  }

  func blend(_ x: DeviceBuffer, with before: DeviceBuffer, alpha: Float, count: Int) {
    ais_blend_f32(x.floats, before.floats, alpha, count)
  }

  func copy(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer) {
    out.pointer.copyMemory(from: x.pointer, byteCount: count * 4)
  }

  func gather(_ x: DeviceBuffer, rows indices: [Int], rowBytes: Int, into out: DeviceBuffer) {
    for (target, source) in indices.enumerated() {
      (out.pointer + target * rowBytes).copyMemory(
        from: x.pointer + source * rowBytes, byteCount: rowBytes)
    }
  }

  func synchronize() {}
}
