import Foundation
import Testing

/// A git repository that is deleted after the test.
struct ScratchRepository {
  let scratch: ScratchFolder
  var url: URL { scratch.url }

  init() throws {
    scratch = try ScratchFolder()
    try git("init", "-q")
  }

  func git(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["git", "-C", url.path, "-c", "user.name=a", "-c", "user.email=a@b.example"] + arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// Commits all files as they are.
  func commit() throws {
    try git("add", ".")
    try git("commit", "-q", "-m", "a commit")
  }

  /// The path of a file; its folder is made.
  func path(_ name: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    return file.path
  }

  func write(_ text: String, as name: String) throws {
    try text.write(toFile: try path(name), atomically: true, encoding: .utf8)
  }
}
