import CAISCUDA
import Foundation
import Synchronization

/// An open GPU: its memory, its kernels, and one queue of operations.
///
/// Operations don't fail where they are called. The first error is kept for good: later operations do nothing, and
/// every download throws it. Nothing is computed from memory that could not be allocated.
final class CUDADevice: @unchecked Sendable {
  let gpu: GPU
  private let handle: OpaquePointer
  private let kernels: CUDAKernels
  private let failure = Mutex<EngineError?>(nil)
  /// CUDA's library of products, or `nil` if there is none; opened when it is first asked for.
  private lazy var matrixLibrary = MatrixLibrary.open(in: libraryFolders, on: handle)
  private let libraryFolders: [URL]

  /// - Throws: `EngineError`.
  init(
    _ gpu: GPU, _ type: ComputeType, kernelCache: URL?, libraryFolders: [URL],
    compiler: () throws(EngineError) -> KernelCompiler
  ) throws(EngineError) {
    var opened: OpaquePointer?
    try EngineError.check(ais_cuda_open(Int32(gpu.ordinal), &opened), "opening \(gpu.name)")
    guard let opened else { preconditionFailure("an open device") }
    self.gpu = gpu
    handle = opened
    self.libraryFolders = libraryFolders
    kernels = try CUDAKernels(opened, gpu, type, cache: kernelCache, compiler: compiler)
  }

  // MARK: Errors

  /// Runs a call unless an earlier one failed, and keeps its error.
  private func run(_ operation: @autoclosure () -> String, _ call: () -> Int32) {
    failure.withLock { failure in
      guard failure == nil else { return }
      let code = call()
      if code != 0 { failure = EngineError(code, operation()) }
    }
  }

  /// Keeps an error that no call made.
  func fail(_ operation: String, _ reason: String) {
    failure.withLock {
      if $0 == nil {
        $0 = EngineError(engine: EngineError.cuda, operation: operation, reason: reason)
      }
    }
  }

  /// Throws the first error.
  private func throwFailure() throws(EngineError) {
    if let error = failure.withLock({ $0 }) { throw error }
  }

  // MARK: Memory

  /// Memory, or 0 after an error.
  func allocate(_ bytes: Int) -> ais_cuda_address {
    var address: ais_cuda_address = 0
    run("allocating \(bytes) bytes of \(gpu.name)") { ais_cuda_allocate(handle, bytes, &address) }
    return address
  }

  func release(_ address: ais_cuda_address) {
    if address != 0 { _ = ais_cuda_release(handle, address) }
  }

  func upload(_ bytes: UnsafeRawBufferPointer, to address: ais_cuda_address) {
    run("uploading") { ais_cuda_upload(handle, address, bytes.baseAddress, bytes.count) }
  }

  func copy(_ bytes: Int, from source: ais_cuda_address, to target: ais_cuda_address) {
    run("copying") { ais_cuda_copy(handle, target, source, bytes) }
  }

  func clear(_ bytes: Int, at address: ais_cuda_address) {
    run("clearing") { ais_cuda_fill(handle, address, 0, bytes) }
  }

  /// Waits for all operations.
  ///
  /// - Throws: the first error of the device.
  func wait() throws(EngineError) {
    run("waiting") { ais_cuda_wait(handle) }
    try throwFailure()
  }

  /// Copies to memory of `HostStaging`, and waits for all operations.
  ///
  /// - Throws: the first error of the device.
  func download(
    _ bytes: Int, from address: ais_cuda_address, to target: UnsafeMutableRawPointer
  ) throws(EngineError) {
    run("computing") { ais_cuda_download(handle, target, address, bytes) }
    try throwFailure()
  }

  func allocateHost(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var address: UnsafeMutableRawPointer?
    run("allocating \(bytes) bytes of the host") { ais_cuda_allocate_host(handle, bytes, &address) }
    return address
  }

  func releaseHost(_ address: UnsafeMutableRawPointer) {
    _ = ais_cuda_release_host(handle, address)
  }

  // MARK: Products by CUDA's library

  /// Adds a product.
  ///
  /// - Returns: whether the library computes it; `true` after an error, since then nothing must be
  ///   computed.
  func multiply(_ product: ais_cublas_product) -> Bool {
    withLibrary { library throws(EngineError) in
      try library.multiply(product, on: ais_cuda_stream(handle))
    }
  }

  /// Chooses the algorithm of a product's shape.
  func prepare(_ product: ais_cublas_product, candidates: Int) {
    _ = withLibrary { library throws(EngineError) in
      try library.prepare(product, candidates: candidates)
    }
  }

  /// Calls the library unless an earlier operation failed, and keeps its error.
  private func withLibrary(_ call: (MatrixLibrary) throws(EngineError) -> Bool) -> Bool {
    failure.withLock { failure in
      guard failure == nil else { return true }
      guard let matrixLibrary else { return false }
      do throws(EngineError) {
        return try call(matrixLibrary)
      } catch {
        failure = error
        return true
      }
    }
  }

  // MARK: Kernels

  /// The most blocks in a grid's second dimension.
  private static let mostRows = 65_535

  /// Runs a kernel on `columns` × `rows` blocks.
  func launch<Arguments>(
    _ name: String, columns: Int, rows: Int = 1, threads: Int = 256, _ arguments: Arguments
  ) {
    guard rows <= Self.mostRows else {
      return fail(name, "\(rows) rows, at most \(Self.mostRows) can be computed at once")
    }
    run(name) {
      withUnsafePointer(to: arguments) {
        ais_cuda_launch(
          handle, kernels[name], UInt32(columns), UInt32(rows), UInt32(threads), $0)
      }
    }
  }
}

/// How many blocks of a size cover a count.
func blocks(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }
