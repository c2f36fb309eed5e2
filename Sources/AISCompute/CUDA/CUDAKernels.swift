import CAISCUDA
import Foundation

/// The compiled kernels of a device.
///
/// The first use on a kind of GPU compiles them, which takes seconds; after that they come from a folder.
final class CUDAKernels: @unchecked Sendable {
  // Read-only after `init`.
  private var functions: [String: ais_cuda_function] = [:]
  /// A hash of sources, architecture and type.
  let digest: String

  /// - Throws: `EngineError`.
  init(
    _ device: OpaquePointer, _ gpu: GPU, _ type: ComputeType, cache: URL?,
    compiler: () throws(EngineError) -> KernelCompiler
  ) throws(EngineError) {
    let sources = (KernelFile.headers + KernelFile.all).map(\.text).joined()
    let key = "\(gpu.architecture) \(type.rawValue) \(sources)"
    digest = String(StableHash.of(key.utf8), radix: 16)
    for file in KernelFile.all {
      let known = cache?.appendingPathComponent(
        "\(digest)-\(gpu.architecture)-\(type.rawValue)-\(file.name).cubin")
      let image = try Self.image(file, at: known) { () throws(EngineError) in
        try compiler().compile(file, architecture: gpu.architecture, type: type)
      }
      var module: ais_cuda_module?
      try EngineError.check(
        image.withUnsafeBytes { ais_cuda_load(device, $0.baseAddress, &module) },
        "loading \(file.name)")
      for name in file.kernels {
        var function: ais_cuda_function?
        try EngineError.check(
          ais_cuda_find(device, module, name, &function), "finding \(name)")
        functions[name] = function
      }
    }
  }

  private static func image(
    _ file: KernelFile, at known: URL?, compile: () throws(EngineError) -> [UInt8]
  ) throws(EngineError) -> [UInt8] {
    if let known, let bytes = try? Data(contentsOf: known), !bytes.isEmpty { return Array(bytes) }
    let image = try compile()
    // A cache that cannot be written only costs time.
    if let known {
      try? FileManager.default.createDirectory(
        at: known.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? Data(image).write(to: known, options: .atomic)
    }
    return image
  }

  /// A kernel by its name.
  subscript(name: String) -> ais_cuda_function {
    guard let function = functions[name] else { preconditionFailure("a kernel named \(name)") }
    return function
  }
}
