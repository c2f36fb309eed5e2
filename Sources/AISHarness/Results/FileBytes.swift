import Foundation
import Glibc

/// Writes files, and reports the reason if that fails.
enum FileBytes {
  /// Writes all of `bytes` to an open file.
  ///
  /// Throws `ResultWriteError` naming `file`.
  static func write(_ bytes: some ContiguousBytes, to descriptor: CInt, file: String) throws {
    try write(bytes, file: file) { base, count, _ in Glibc.write(descriptor, base, count) }
  }

  /// Writes all of `bytes` at a place of an open file; several threads may write to it at once.
  ///
  /// Throws `ResultWriteError` naming `file`.
  static func write(
    _ bytes: some ContiguousBytes, to descriptor: CInt, at offset: Int, file: String
  ) throws {
    try write(bytes, file: file) { base, count, written in
      pwrite(descriptor, base, count, off_t(offset + written))
    }
  }

  /// Calls `step` with the bytes that are left, their number, and how many are written.
  private static func write(
    _ bytes: some ContiguousBytes, file: String, _ step: (UnsafeRawPointer, Int, Int) -> Int
  ) throws {
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let written = step(base, rest.count, buffer.count - rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          throw ResultWriteError(file: file, problem: String(cString: strerror(errno)))
        }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// Makes a folder and its parents, if missing.
  ///
  /// Throws `ResultWriteError`.
  static func makeFolder(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // Foundation's own message has several lines and jargon.
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
      let reason = cause.map { String(cString: strerror(CInt(($0 as NSError).code))) }
      throw ResultWriteError(file: folder.path, problem: reason ?? error.localizedDescription)
    }
  }

  /// Puts a file of `bytes` at `path`, completely or not at all, even if the machine stops.
  ///
  /// Of several processes that write the same file the last one's stays.
  ///
  /// Throws `ResultWriteError`; an earlier file is then untouched.
  static func replace(_ path: String, with bytes: some ContiguousBytes) throws {
    // A fixed name, not a random one, so that the next run overwrites what a killed run left.
    let temporary = path + ".writing"
    func failure() -> ResultWriteError {
      ResultWriteError(file: path, problem: String(cString: strerror(errno)))
    }
    let descriptor = openAlone(temporary)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    do {
      guard ftruncate(descriptor, 0) == 0 else { throw failure() }
      try write(bytes, to: descriptor, file: path)
      guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw failure() }
    } catch {
      unlink(temporary)
      throw error
    }
    let folder = open(
      URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      // The new name is on disk only once the folder is synced; not all file systems can do that.
      fsync(folder)
      close(folder)
    }
  }

  /// How often a writer looks whether the one before has renamed the file that it has opened.
  private static let mostTurns = 1_000

  /// Opens a file to write and waits until no other process writes it; below 0 if it cannot.
  private static func openAlone(_ path: String) -> CInt {
    func opened() -> CInt { open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) }
    for _ in 0..<mostTurns {
      let descriptor = opened()
      // Some file systems have no locks; one process then writes as well as before.
      if descriptor < 0 || !FileLock.wait(descriptor) || FileLock.isFile(descriptor, at: path) {
        return descriptor
      }
      close(descriptor)
    }
    return opened()
  }
}
