import AISKit
import Foundation

/// Where CUDA's libraries and compiled kernels lie on this machine.
public enum CUDAFolders {
  /// The places for kernels: compiled ones are kept in the cache.
  ///
  /// NVRTC is looked for in `CUDA_HOME`, then where set-up puts it, then in the usual folder.
  public static func places(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> KernelPlaces {
    let cache = CacheFolder.location(environment: environment)
      .appendingPathComponent("cuda", isDirectory: true)
    func toolkit(_ home: String) -> URL {
      URL(fileURLWithPath: home, isDirectory: true)
        .appendingPathComponent("lib64", isDirectory: true)
    }
    let chosen = environment["CUDA_HOME"].flatMap { $0.isEmpty ? nil : toolkit($0) }
    return KernelPlaces(
      cache: cache.appendingPathComponent("kernels", isDirectory: true),
      compilerFolders: (chosen.map { [$0] } ?? [])
        + [cache.appendingPathComponent("lib", isDirectory: true), toolkit("/usr/local/cuda")])
  }
}
