import AISHarness
import AISKit
import Foundation

/// The file that a command writes: checked before anything is computed, and reported once it is
/// written.
enum OutputPlace {
  /// Reports on standard error what was written; standard output has only the command's output.
  static func sayWritten(_ path: String, _ content: String) {
    StandardStreams.writeError("written   \(path): \(content)\n")
  }

  /// - Throws: `RequestError` if no file can be written there.
  static func check(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard !path.isEmpty, !(exists && isFolder.boolValue) else {
      throw RequestError("--out '\(path)'", expected: "a file", found: "a folder")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw RequestError(
        "--out '\(path)'", expected: "a folder to write to",
        found: String(cString: strerror(errno)))
    }
  }
}
