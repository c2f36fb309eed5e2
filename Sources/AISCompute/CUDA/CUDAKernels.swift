import CAISCUDA
import Foundation

/// The compiled kernels of a device.
///
/// The first use on a kind of GPU compiles them, which takes seconds; after that they come from a folder.
final class CUDAKernels: @unchecked Sendable {
  // Read-only after `init`.
  private var functions: [String: ais_cuda_function] = [:]

  /// Loads all kernels.
  ///
  /// - Throws: `EngineError`.
  init(
    _ device: OpaquePointer, _ gpu: GPU, _ type: ComputeType, cache: URL?,
    compiler: () throws(EngineError) -> KernelCompiler
  ) throws(EngineError) {
    var opened: KernelCompiler?
    func compile(_ file: KernelFile) throws(EngineError) -> [UInt8] {
      let library: KernelCompiler
      if let opened { library = opened } else { library = try compiler() }
      opened = library
      return try library.compile(file, architecture: gpu.architecture, type: type)
    }
    for file in KernelFile.all where file.serves(type) {
      if file.callsDriver, ais_cuda_can_branch() == 0 { continue }
      let known = cache?.appendingPathComponent(
        "\(KernelFile.digest)-\(gpu.architecture)-\(type.activationName)-\(file.name).cubin")
      if let known, let image = try? Data(contentsOf: known),
        (try? load(file, Array(image), device)) != nil
      {
        continue
      }
      let image = try compile(file)
      do {
        try load(file, image, device)
      } catch {
        // Without these kernels the host decides what they would.
        if file.callsDriver { continue }
        throw error
      }
      if let known { Self.keep(image, at: known) }
    }
  }

  private func load(
    _ file: KernelFile, _ image: [UInt8], _ device: OpaquePointer
  ) throws(EngineError) {
    var module: ais_cuda_module?
    try EngineError.check(
      image.withUnsafeBytes { ais_cuda_load(device, $0.baseAddress, &module) },
      "loading \(file.name)")
    var found: [String: ais_cuda_function] = [:]
    for name in file.kernels {
      var function: ais_cuda_function?
      try EngineError.check(ais_cuda_find(device, module, name, &function), "finding \(name)")
      found[name] = function
    }
    functions.merge(found) { $1 }
  }

  /// Keeps compiled code; a cache that cannot be written only costs time.
  private static func keep(_ image: [UInt8], at place: URL) {
    try? FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? Data(image).write(to: place, options: .atomic)
  }

  /// Whether there is a kernel of this name.
  func has(_ name: String) -> Bool { functions[name] != nil }

  /// A kernel by its name.
  subscript(name: String) -> ais_cuda_function {
    guard let function = functions[name] else { preconditionFailure("a kernel named \(name)") }
    return function
  }
}
