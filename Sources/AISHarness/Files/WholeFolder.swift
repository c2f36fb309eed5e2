import Foundation

/// Makes folders completely or not at all.
enum WholeFolder {
  /// Makes a folder beside its place, lets `fill` put files into it, and moves it there.
  ///
  /// Of several processes that make the same folder one does the work; the others wait for it.
  /// What a killed process has left is filled anew.
  ///
  /// Throws: `ResultWriteError`, and what `fill` throws; the half-made folder is then deleted.
  static func make(_ place: URL, fill: (URL) throws -> Void) throws {
    let path = place.standardizedFileURL.path
    // A name that no user's own folder has, since what lies there is overwritten.
    let partial = place.deletingLastPathComponent()
      .appendingPathComponent(".\(place.lastPathComponent).ais-partial", isDirectory: true)
    let descriptor = try lock(partial)
    defer { close(descriptor) }
    if FileManager.default.fileExists(atPath: path) {
      try? FileManager.default.removeItem(at: partial)
      return
    }
    do {
      try fill(partial)
      guard rename(partial.path, path) == 0 else { throw failure(path) }
    } catch {
      try? FileManager.default.removeItem(at: partial)
      throw error
    }
  }

  /// Makes the folder if missing, and locks it until the returned descriptor is closed.
  private static func lock(_ folder: URL) throws -> CInt {
    while true {
      try FileBytes.makeFolder(folder)
      let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      if descriptor < 0, errno == ENOENT { continue }
      guard descriptor >= 0 else { throw failure(folder.path) }
      guard FileLock.wait(descriptor) else {
        let error = failure(folder.path)
        close(descriptor)
        throw error
      }
      if FileLock.isFile(descriptor, at: folder.path) { return descriptor }
      close(descriptor)
    }
  }

  private static func failure(_ path: String) -> ResultWriteError {
    ResultWriteError(file: path, problem: String(cString: strerror(errno)))
  }
}
