import CHDF5
import Glibc

/// The only way to call libhdf5.
///
/// The library keeps global state (identifiers, open files, error stacks) and need not be
/// thread-safe, so every call in this module is made inside `locked`. Calls from several threads
/// are therefore safe and never run at the same time. The lock is recursive: a handle may be
/// released while another operation holds it. No other module may call the library: the first call
/// must be the one that turns off its tidying up at exit.
enum HDF5Library {
  private static let mutex = RecursiveMutex()

  /// Runs `body` exclusively, with HDF5's own printing of errors switched off.
  ///
  /// Printing is a setting of each thread in thread-safe builds, hence of each call here.
  static func locked<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    ais_h5_silence()
    ais_h5_clear_errors()
    return try body()
  }

  /// HDF5's innermost message about the last failed call on this thread.
  static func innermostMessage() -> String? {
    var text = [CChar](repeating: 0, count: 512)
    ais_h5_innermost_error(&text, text.count)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

/// A pthread mutex that its owner may take again; made before the library is first called.
private final class RecursiveMutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    // At exit the library would try to close what a full disk or a damaged file made it keep open,
    // and crash or complain. This can be turned off only before its first call.
    H5dont_atexit()
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }
}

/// Owns one HDF5 identifier (dataset, data space, type, property list …) and releases it.
struct HDF5Handle: ~Copyable {
  let id: hid_t

  /// Takes over `id`, or throws `error` with HDF5's message if the call that made it failed.
  init(_ id: hid_t, _ place: HDF5Place, _ operation: String) throws(HDF5Error) {
    guard id >= 0 else { throw place.failure(operation) }
    self.id = id
  }

  deinit {
    let id = self.id
    HDF5Library.locked { _ = H5Idec_ref(id) }
  }
}

/// The file and object of an operation, which every error names.
struct HDF5Place {
  let file: String
  var object: String?

  /// The error for a libhdf5 call that has just failed, with the library's reason.
  func failure(_ operation: String) -> HDF5Error {
    HDF5Error(
      file: file, object: object, operation: operation, detail: HDF5Library.innermostMessage())
  }

  /// The error for content of another kind than asked for.
  func mismatch(_ operation: String, expected: String, found: String) -> HDF5Error {
    HDF5Error(file: file, object: object, operation: operation, expected: expected, found: found)
  }

  /// Throws if `status` says that a libhdf5 call failed.
  func check(_ status: herr_t, _ operation: String) throws(HDF5Error) {
    if status < 0 { throw failure(operation) }
  }
}
