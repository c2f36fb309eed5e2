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
    var homes: [URL] = []
    if let home = environment["CUDA_HOME"], !home.isEmpty {
      homes.append(URL(fileURLWithPath: home, isDirectory: true))
    }
    homes.append(URL(fileURLWithPath: "/usr/local/cuda", isDirectory: true))
    let toolkits = homes.map { $0.appendingPathComponent("lib64", isDirectory: true) }
    let own = cache.appendingPathComponent("lib", isDirectory: true)
    return KernelPlaces(
      cache: cache.appendingPathComponent("kernels", isDirectory: true),
      compilerFolders: [toolkits[0], own] + toolkits.dropFirst())
  }
}
