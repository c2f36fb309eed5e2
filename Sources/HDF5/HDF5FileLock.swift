import CHDF5
import Glibc

/// The lock that libhdf5 holds on an open file (`flock`), released when the file closes.
///
/// The library only closes its descriptor. A process started meanwhile has a copy of it until it
/// executes another program, and the lock stays as long as any copy does (flock(2)). So whoever
/// opens the file next might find it in use. An explicit unlock applies to all copies at once.
struct HDF5FileLock {
  private let descriptor: Int32

  /// The lock of a file on disk that has just been opened.
  ///
  /// Programs started from now on inherit it only until they execute.
  init?(of file: hid_t) {
    var handle: UnsafeMutableRawPointer?
    guard H5Fget_vfd_handle(file, ais_h5_default(), &handle) >= 0, let handle else { return nil }
    descriptor = handle.load(as: Int32.self)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// Closes the file and unlocks it; returns what `H5Fclose` does.
  func close(_ file: hid_t) -> herr_t {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    defer { if copy >= 0 { Glibc.close(copy) } }
    let status = H5Fclose(file)
    if copy >= 0, !isStillOpen(copy) { flock(copy, LOCK_UN) }
    return status
  }

  /// Whether the library still has the file open: another `HDF5File` shares its descriptor, or
  /// closing has failed.
  private func isStillOpen(_ copy: Int32) -> Bool {
    var (held, closed) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && fstat(copy, &closed) == 0
      && held.st_dev == closed.st_dev && held.st_ino == closed.st_ino
  }
}
