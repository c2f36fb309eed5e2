import Foundation

/// A GPU as a backend, through CUDA.
///
/// Products of few rows add in one order, products of more rows in others. Within each, a row's bits do not depend on
/// the rows beside it.
package final class CUDABackend: Backend {
  package let summary: String
  package let computeType: ComputeType
  private let device: CUDADevice

  /// A backend on a GPU.
  ///
  /// - Parameters:
  ///   - gpu: the GPU.
  ///   - type: one of `types`.
  ///   - kernelCache: a folder for compiled kernels.
  ///   - libraryFolders: folders that may have CUDA's library of products.
  ///   - compiler: opens the kernels' compiler; called only if compiled kernels are missing.
  /// - Throws: `EngineError`.
  package init(
    _ gpu: GPU, type: ComputeType, kernelCache: URL?, libraryFolders: [URL],
    compiler: () throws(EngineError) -> KernelCompiler
  ) throws(EngineError) {
    guard gpu.capability.major >= Self.oldest else {
      throw EngineError(
        engine: EngineError.cuda, operation: "preparing \(gpu.name)",
        reason: "compute capability \(gpu.capability.major).\(gpu.capability.minor), at least "
          + "\(Self.oldest).0 is needed")
    }
    device = try CUDADevice(
      gpu, type, kernelCache: kernelCache, libraryFolders: libraryFolders, compiler: compiler)
    computeType = type
    let products = device.matrixLibraryVersion.map { "cuBLASLt \($0)" } ?? "no cuBLASLt"
    let exits = device.canBranch ? "" : ", exits decided by the host"
    summary =
      "\(gpu.name), \(type.rawValue), CUDA \(gpu.driverVersion), kernels \(KernelFile.digest), "
      + products + exits
  }

  /// The lowest major compute capability: older GPUs have no products of bfloat16.
  private static let oldest = 8

  /// The types that it computes.
  package static let types: [ComputeType] = ComputeType.allCases

  package var activationBytes: Int { computeType.activationBytes }

  package var productRanges: [ClosedRange<Int>] {
    var ranges = [1...CUDAStream.fewRows]
    guard device.hasMatrixLibrary else { return ranges + [CUDAStream.fewRows + 1...Int.max] }
    // The library chooses an algorithm for each number of planned rows.
    while let last = ranges.last, last.upperBound < 4_096 {
      ranges.append(last.upperBound + 1...CUDAStream.plannedRows(last.upperBound + 1))
    }
    return ranges
  }

  package var memoryBytes: Int { device.gpu.memoryBytes }

  package func makeBuffer(byteCount: Int) -> any DeviceBuffer {
    CUDABuffer(device, byteCount: byteCount)
  }

  package func makeRowTable(capacity: Int) -> any RowTable { CUDARows(device, capacity: capacity) }

  package func makeCache(
    _ shape: CacheShape, reusing spare: (any DeviceCache)?
  ) -> any DeviceCache {
    CUDACache(device, shape, numberBytes: activationBytes, reusing: spare?.gpu)
  }

  package func makeEmbedding(_ table: TensorView) -> any EmbeddingTable {
    CUDAEmbedding(device, table)
  }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    let weights = try CUDAWeights(device, source, computeType)
    return WeightMatrix(
      source, byteCount: weights.byteCount, deviceBias: weights.bias, layout: weights)
  }

  package func makeStream() -> any ComputeStream { CUDAStream(device, computeType) }
}
