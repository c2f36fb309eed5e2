import CAISKernels
import Foundation

/// The CPU as a backend: a matrix engine computes the products, the project's own kernels all other
/// operations.
package final class CPUBackend: Backend {
  private let engine: any MatrixEngine
  private let kernels: HostKernels
  package let summary: String

  private init(engine: any MatrixEngine, kernels: HostKernels, summary: String) {
    self.engine = engine
    self.kernels = kernels
    self.summary = summary
  }

  /// A backend with the fast kernels and an engine for the products.
  package convenience init(engine: any MatrixEngine) {
    self.init(
      engine: engine, kernels: .fast,
      summary: "CPU, \(engine.type.rawValue), \(engine.name), \(Threads.instructionSet) kernels, "
        + "\(Threads.count) thread\(Threads.count == 1 ? "" : "s")")
  }

  /// The types that it computes.
  package static let types: [ComputeType] = [.f32, .bf16, .int8, .native]

  /// A backend with the best engine for `type`, one of `types`, on this processor.
  ///
  /// Usually that is the project's own engine. On a processor without kernels of its own it is
  /// oneDNN or OpenBLAS, which may multiply bfloat16 numbers as float32.
  package convenience init(type: ComputeType) {
    self.init(engine: Self.engine(for: type))
  }

  /// The reference backend: every operation as plain loops in float32.
  ///
  /// The fast kernels are tested against it. It is fast enough only for tests and for short prompts
  /// on a small model.
  package static var reference: CPUBackend {
    CPUBackend(engine: ReferenceEngine(), kernels: .reference, summary: "reference loops, f32")
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
    case .f16: preconditionFailure("a type that the processor computes")
    }
  }

  package var computeType: ComputeType { engine.type }

  package var activationBytes: Int { ais_dtype_bytes(engine.inputType) }

  package var productRanges: [ClosedRange<Int>] { engine.productRanges }

  package var memoryBytes: Int { Int(ProcessInfo.processInfo.physicalMemory) }

  package func makeBuffer(byteCount: Int) -> any DeviceBuffer { HostBuffer(byteCount: byteCount) }

  package func makeRowTable(capacity: Int) -> any RowTable { HostRows(capacity: capacity) }

  package func makeCache(
    _ shape: CacheShape, reusing spare: (any DeviceCache)?
  ) -> any DeviceCache {
    HostCache(shape, reusing: spare?.host)
  }

  package func makeEmbedding(_ table: TensorView) -> any EmbeddingTable { HostEmbedding(table) }

  package func pack(_ source: WeightSource) throws -> WeightMatrix { try engine.pack(source) }

  package func makeStream() -> any ComputeStream {
    HostStream(plans: engine.makePlans(), kernels: kernels, inputType: engine.inputType)
  }
}
