import CAISKernels

/// The processor: a matrix engine for the products, the project's own kernels for the rest.
package final class CPUBackend: Backend {
  private let engine: any MatrixEngine

  package init(engine: any MatrixEngine) { self.engine = engine }

  /// The best engine for `type`: the project's own kernels; on a processor that they were not written
  /// for oneDNN or OpenBLAS, and bfloat16 numbers are multiplied as float32.
  package convenience init(type: ComputeType) {
    self.init(engine: Self.engine(for: type))
  }

  private static func engine(for type: ComputeType) -> any MatrixEngine {
    let hasKernels = ais_active_isa() != AIS_ISA_REFERENCE
    switch type {
    case .f32:
      return hasKernels
        ? PanelEngine(type: .f32) : (try? OneDNNEngine(type: .f32)) ?? OpenBLASEngine()
    case .bf16: return hasKernels ? PanelEngine(type: .bf16) : WidenedEngine(engine(for: .f32))
    case .int8: return Int8Engine()
    case .native: return NativeEngine(unpacked: engine(for: .f32))
    }
  }

  package var summary: String {
    "CPU, \(engine.type.rawValue), \(engine.name), \(Threads.instructionSet) kernels, "
      + "\(Threads.count) thread\(Threads.count == 1 ? "" : "s")"
  }

  package var computeType: ComputeType { engine.type }

  package var inputBytes: Int { ais_dtype_bytes(engine.inputType) }

  package func pack(_ source: WeightSource) throws -> WeightMatrix { try engine.pack(source) }

  package func makeProducts() -> any MatrixPlans { engine.makePlans() }

  package func makeStream() -> any ComputeStream {
    CPUStream(plans: engine.makePlans(), inputType: engine.inputType)
  }
}

/// Runs each operation at once, on the calling thread and the pool.
private final class CPUStream: ComputeStream {
  private let plans: any MatrixPlans
  private let outputType: ais_dtype
  private var scratch = ReusableBuffer()

  init(plans: any MatrixPlans, inputType: ais_dtype) {
    self.plans = plans
    outputType = inputType
  }

  func normalize(
    _ x: DeviceBuffer, rows: Int, by norm: NormWeights, into out: DeviceBuffer, as type: OutputType
  ) {
    let type = type == .float32 ? AIS_F32 : outputType
    switch norm.kind {
    case .rms:
      ais_rmsnorm_f32(
        x.floats, norm.weight.floats, norm.epsilon, out.pointer, type, rows, norm.width)
    case .layer:
      ais_layernorm_f32(
        x.floats, norm.weight.floats, norm.bias?.floats, norm.epsilon, out.pointer, type, rows,
        norm.width)
    }
  }

  func convert(_ x: DeviceBuffer, count: Int, into out: DeviceBuffer) {
    switch outputType {
    case AIS_BF16:
      ais_to_bf16_f32(x.floats, out.pointer.assumingMemoryBound(to: UInt16.self), count)
    case AIS_BF16_WIDE: ais_round_bf16_f32(x.floats, out.floats, count)
    default: copy(x, count: count, into: out)
    }
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
    withUnsafePointer(to: heads) { heads in
      let workers = Threads.count
      let floats = workers * ais_attention_scratch(heads, spans, spans.count)
      ais_attention_f32(
        heads, qkv.floats, spans, spans.count, out.pointer, outputType,
        scratch.holding(byteCount: floats * 4).floats, Int32(workers))
    }
  }

  func activate(
    _ x: DeviceBuffer, rows: Int, width: Int, _ activation: ModelConfig.Activation, isGated: Bool,
    into out: DeviceBuffer
  ) {
    ais_activate_f32(
      activation.kernel, isGated ? 1 : 0, x.floats, out.pointer, outputType, rows, width)
  }

  func add(_ x: DeviceBuffer, to out: DeviceBuffer, count: Int) {
    ais_add_f32(out.floats, x.floats, 1, count)
  }

  func addRows(
    _ x: DeviceBuffer, width: Int, scales: [Float], to out: DeviceBuffer, rows indices: [Int]
  ) {
    for (source, target) in indices.enumerated() {
      ais_add_f32(out.floats + target * width, x.floats + source * width, scales[source], width)
    }
  }

  func clear(_ x: DeviceBuffer, count: Int) { x.floats.update(repeating: 0, count: count) }

  func softCap(_ x: DeviceBuffer, cap: Float, count: Int) {
    ais_soft_cap_f32(x.floats, cap, count)
  }

  func blend(_ x: DeviceBuffer, with before: DeviceBuffer, alpha: Float, count: Int) {
    ais_blend_f32(x.floats, before.floats, alpha, count)
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
