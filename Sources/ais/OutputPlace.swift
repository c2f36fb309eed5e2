import AISHarness
import AISKit
import Foundation

/// The file that a command is to write: checked before anything is computed for it, and named once it
/// is written.
enum OutputPlace {
  /// Says on standard error what was written, so that a pipe gets a command's own output alone.
  static func sayWritten(_ path: String, _ content: String) {
    StandardStreams.writeError("written   \(path): \(content)\n")
  }

  /// - Throws: `ModelError` where no file can be written there.
  static func check(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard !path.isEmpty, !(exists && isFolder.boolValue) else {
      throw ModelError("--out '\(path)'", expected: "a file", found: "a folder")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw ModelError(
        "--out '\(path)'", expected: "a folder to write to",
        found: String(cString: strerror(errno)))
    }
  }
}
