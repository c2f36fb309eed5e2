import Foundation

/// Where a model computes.
public enum ComputeDevice: Sendable {
  /// The processor.
  case processor
  /// A GPU, through CUDA.
  case gpu(GPU, KernelPlaces)

  /// The device as results name it: `cpu`, or `cuda`, the GPU's name and its driver's CUDA version.
  public var name: String {
    switch self {
    case .processor: "cpu"
    case .gpu(let gpu, _): "cuda \(gpu.name), CUDA \(gpu.driverVersion)"
    }
  }

  /// The digest of a GPU's kernels; `nil` for the processor.
  public var gpuKernels: String? {
    if case .gpu = self { KernelFile.digest } else { nil }
  }

  /// The device's backend for a type.
  ///
  /// - Throws: `EngineError` if the device cannot be used.
  package func makeBackend(_ type: ComputeType) throws(EngineError) -> any Backend {
    switch self {
    case .processor:
      guard CPUBackend.types.contains(type) else {
        let known = CPUBackend.types.map(\.rawValue).joined(separator: ", ")
        throw EngineError(
          engine: "AIS", operation: "preparing \(type.rawValue)",
          reason: "this device computes \(known)")
      }
      return CPUBackend(type: type)
    case .gpu(let gpu, let places):
      return try CUDABackend(
        gpu, type: type, kernelCache: places.cache, libraryFolders: places.compilerFolders
      ) { () throws(EngineError) in
        try KernelCompiler.open(in: places.compilerFolders)
      }
    }
  }
}

/// Where the kernels of GPUs and their compiler lie.
public struct KernelPlaces: Sendable {
  /// A folder that keeps compiled kernels; `nil`: they are compiled by every process.
  public let cache: URL?
  /// Folders that may have NVRTC and cuBLASLt; after them the system's libraries are searched.
  public let compilerFolders: [URL]

  /// Places to look in.
  public init(cache: URL?, compilerFolders: [URL]) {
    self.cache = cache
    self.compilerFolders = compilerFolders
  }
}
