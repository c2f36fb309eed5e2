import CAISCUDA
import Foundation

/// cuBLASLt, CUDA's library of matrix products, on one GPU.
///
/// It is optional: without it the engine's own kernels compute every product.
final class MatrixLibrary: @unchecked Sendable {
  // The library's functions may be called by any thread.
  private let library: OpaquePointer
  /// Its version: `13.0.2`.
  let version: String

  private init(_ library: OpaquePointer) {
    self.library = library
    let number = ais_cublas_version(library)
    version = "\(number / 10_000).\(number % 10_000 / 100).\(number % 100)"
  }

  /// Names of the library, the newest first.
  private static let names = ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"]

  /// Opens the first library that one of the folders or the system has; `nil` if there is none.
  static func open(in folders: [URL], on device: OpaquePointer) -> MatrixLibrary? {
    var reason = [CChar](repeating: 0, count: 512)
    for path in sharedLibraries(names, in: folders) {
      if let library = ais_cublas_open(path, device, &reason, reason.count) {
        return MatrixLibrary(library)
      }
    }
    return nil
  }

  /// Adds a product to a stream.
  ///
  /// - Returns: whether it was added: the library refuses some shapes.
  /// - Throws: an error of the driver.
  func multiply(
    _ product: ais_cublas_product, on stream: UnsafeMutableRawPointer?
  ) throws(EngineError) -> Bool {
    let code = withUnsafePointer(to: product) { ais_cublas_multiply(library, $0, stream) }
    if code <= AIS_CUBLAS_REFUSED { return false }
    try EngineError.check(code, "multiplying")
    return true
  }
}
