import CAISCUDA
import Foundation

/// An open GPU: its memory, its kernels, and one queue of operations.
///
/// Operations don't fail where they are called. The first error is kept for good: later operations do nothing, and
/// every download throws it. Nothing is computed from memory that could not be allocated.
///
/// One operation at a time is held back, because the next one may be computed together with it (`hold`).
final class CUDADevice: @unchecked Sendable {
  let gpu: GPU
  private let handle: OpaquePointer
  private let kernels: CUDAKernels
  /// Guards everything below, and is held while a program is recorded.
  private let lock = NSRecursiveLock()
  private var failure: EngineError?
  private var held: HeldOperation?
  private enum Recording { case none, possible, impossible }
  /// Whether operations are recorded, and whether all of them could be.
  private var recording = Recording.none
  /// Whether the pass has changed rows or stored positions apart from its attention.
  private var changesRows = false
  /// CUDA's library of products, or `nil` if there is none.
  private let matrixLibrary: MatrixLibrary?

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
    matrixLibrary = MatrixLibrary.open(in: libraryFolders, on: opened)
    kernels = try CUDAKernels(opened, gpu, type, cache: kernelCache, compiler: compiler)
  }

  // MARK: Errors

  /// Runs what is held, and then a call unless an earlier one failed; keeps its error.
  private func run(_ operation: @autoclosure () -> String, _ call: () -> Int32) {
    lock.withLock {
      launchHeld()
      guard failure == nil else { return }
      let code = call()
      if code != 0 { failure = EngineError(code, operation()) }
    }
  }

  /// Keeps an error that no call made.
  func fail(_ operation: String, _ reason: String) {
    lock.withLock {
      if failure == nil {
        failure = EngineError(engine: EngineError.cuda, operation: operation, reason: reason)
      }
    }
  }

  /// Throws the first error.
  private func throwFailure() throws(EngineError) {
    if let error = lock.withLock({ failure }) { throw error }
  }

  // MARK: Operations that are held back

  /// Holds an operation back until the next one of any stream.
  func hold(_ operation: HeldOperation) {
    lock.withLock {
      launchHeld()
      held = operation
    }
  }

  /// What is held, if `choose` wants it: the caller then does its work, and it is no longer held.
  func takeHeld<Part>(_ choose: (HeldOperation) -> Part?) -> Part? {
    lock.withLock {
      guard let operation = held, let part = choose(operation) else { return nil }
      held = nil
      return part
    }
  }

  private func launchHeld() {
    guard let operation = held else { return }
    held = nil
    operation.launch(self)
  }

  /// Notes that the pass changes rows or stored positions, which attention then may not read early.
  func noteRowsChange() { lock.withLock { changesRows = true } }

  /// Notes that a pass begins: its first kernel waits for everything before it.
  func beginPass() { lock.withLock { changesRows = false } }

  /// Whether attention must wait before it reads rows and stored positions.
  var rowsMayChange: Bool { lock.withLock { changesRows } }

  // MARK: Programs

  /// Records the operations of `body` as a program instead of running them.
  ///
  /// - Returns: the program; `nil` if an operation cannot be recorded.
  /// - Throws: what `body` throws, and the first error of the device.
  func record(_ body: () throws -> Void) throws -> CUDAProgram? {
    lock.lock()
    defer { lock.unlock() }
    run("beginning to record") { ais_cuda_begin_recording(handle) }
    try throwFailure()
    recording = .possible
    var program: ais_cuda_program?
    let result = Result { try body() }
    // What is held belongs to the program.
    launchHeld()
    let isComplete = recording == .possible
    recording = .none
    let code = ais_cuda_end_recording(handle, &program)
    let recorded = program.map { CUDAProgram(self, $0) }
    guard isComplete else { return nil }
    try result.get()
    try throwFailure()
    // What the driver cannot run as a program can be run without one.
    return code == 0 ? recorded : nil
  }

  /// Whether operations are recorded, so that one that exchanges bytes with the host is refused.
  private func isRefused() -> Bool {
    lock.withLock {
      if recording != .none { recording = .impossible }
      return recording != .none
    }
  }

  /// Whether programs can have parts that run only on a condition.
  var canBranch: Bool { kernels.has("ais_exit") }

  /// A condition of the part that is being recorded, with its value when the program starts.
  func makeCondition(_ value: Int) -> UInt64 {
    var condition: UInt64 = 0
    run("recording a condition") { ais_cuda_create_condition(handle, UInt32(value), &condition) }
    return condition
  }

  /// How a condition decides.
  enum Branch {
    /// The body runs as long as the condition is not 0.
    case loop
    /// The condition is the index of the body that runs.
    case choice
  }

  /// Records bodies that run as a condition says.
  ///
  /// - Throws: what `body` throws.
  func record(
    _ kind: Branch, on condition: UInt64, bodies count: Int, _ body: (Int) throws -> Void
  ) throws {
    var bodies = [ais_cuda_body?](repeating: nil, count: count)
    let code = kind == .loop ? AIS_CUDA_LOOP : AIS_CUDA_CHOICE
    run("recording a branch") {
      ais_cuda_add_branch(handle, condition, Int32(code), UInt32(count), &bodies)
    }
    for (index, own) in bodies.enumerated() {
      run("recording a part") { ais_cuda_begin_body(handle, own) }
      try throwFailure()
      // A part begins once everything before it has ended.
      beginPass()
      let result = Result { try body(index) }
      run("recording a part") { ais_cuda_end_body(handle) }
      try result.get()
      try throwFailure()
    }
    beginPass()
  }

  func run(_ program: CUDAProgram) {
    run("running a program") { ais_cuda_run(handle, program.handle) }
  }

  func release(_ program: ais_cuda_program) { _ = ais_cuda_release_program(handle, program) }

  // MARK: Memory

  /// Memory, or 0 after an error.
  func allocate(_ bytes: Int) -> ais_cuda_address {
    var address: ais_cuda_address = 0
    lock.withLock {
      // Not an operation of the queue: what is held may wait for the next one.
      guard failure == nil else { return }
      let code = ais_cuda_allocate(handle, bytes, &address)
      if code != 0 { failure = EngineError(code, "allocating \(bytes) bytes of \(gpu.name)") }
    }
    return address
  }

  func release(_ address: ais_cuda_address) {
    guard address != 0 else { return }
    lock.withLock {
      launchHeld()
      _ = ais_cuda_release(handle, address)
    }
  }

  func upload(_ bytes: UnsafeRawBufferPointer, to address: ais_cuda_address) {
    if isRefused() { return }
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
    if isRefused() {
      throw EngineError(
        engine: EngineError.cuda, operation: "downloading", reason: "operations are being recorded")
    }
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

  /// The library's version; `nil` if there is no library.
  var matrixLibraryVersion: String? { matrixLibrary?.version }

  /// Whether there is such a library.
  var hasMatrixLibrary: Bool { matrixLibraryVersion != nil }

  /// Adds a product.
  ///
  /// - Returns: whether the library computes it; `true` after an error, since then nothing must be
  ///   computed.
  func multiply(_ product: ais_cublas_product) -> Bool {
    lock.withLock {
      launchHeld()
      guard failure == nil else { return true }
      guard let matrixLibrary else { return false }
      do throws(EngineError) {
        return try matrixLibrary.multiply(product, on: ais_cuda_stream(handle))
      } catch {
        failure = error
        return true
      }
    }
  }

  // MARK: Kernels

  /// The most blocks in a grid's second dimension.
  private static let mostRows = 65_535

  /// Runs a kernel on `columns` × `rows` blocks, with `shared` bytes of dynamic shared memory.
  ///
  /// If `startsEarly`, it may start while the kernel before it runs: it waits itself before it reads what that writes.
  func launch<Arguments>(
    _ name: String, columns: Int, rows: Int = 1, threads: Int = 256, shared: Int = 0,
    startsEarly: Bool = false, _ arguments: Arguments
  ) {
    guard rows <= Self.mostRows else {
      return fail(name, "\(rows) rows, at most \(Self.mostRows) can be computed at once")
    }
    let shape = ais_cuda_shape(
      blocks_x: UInt32(columns), blocks_y: UInt32(rows), threads: UInt32(threads),
      shared_bytes: UInt32(shared), starts_early: startsEarly && canStartEarly ? 1 : 0)
    run(name) {
      withUnsafePointer(to: arguments) { ais_cuda_launch(handle, kernels[name], shape, $0) }
    }
  }

  /// Whether kernels can start before the one before has ended (compute capability 9.0 and later).
  private var canStartEarly: Bool { gpu.capability.major >= 9 }
}

/// Operations that were recorded.
final class CUDAProgram: DeviceProgram, @unchecked Sendable {
  fileprivate let handle: ais_cuda_program
  private let device: CUDADevice

  fileprivate init(_ device: CUDADevice, _ handle: ais_cuda_program) {
    (self.device, self.handle) = (device, handle)
  }

  deinit { device.release(handle) }
}

/// How many blocks of a size cover a count.
func blocks(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }
