import Foundation

/// The lock of one fetch into a folder, held until this object is freed or the process ends.
final class FetchLock {
  private let descriptor: Int32

  /// Takes the lock of `folder`, which is made if missing.
  ///
  /// Waits, and says so, while another has it.
  init(_ folder: URL, say: (String) -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent(".lock").path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw HubError.disk(path: path, reason: String(cString: strerror(errno)))
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    say("another fetch is at work in \(folder.path); waiting for it")
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let error = HubError.disk(path: path, reason: String(cString: strerror(errno)))
        close(descriptor)
        throw error
      }
    }
  }

  deinit { close(descriptor) }
}
