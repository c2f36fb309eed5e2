import Foundation

/// Which code a run was made with, as far as git can tell.
public struct RepositoryState: Sendable, Equatable {
  /// The commit that is checked out, or `unknown`.
  public let commit: String
  /// True if the code differs from that commit, or if this is unknown.
  public let isDirty: Bool

  /// The state without git or a repository.
  static let unknown = RepositoryState(commit: "unknown", isDirty: true)

  /// The state of the repository that a folder lies in.
  ///
  /// By default this is the repository of the executable: built tools are inside the clone they
  /// were built from. Changes in `Results` do not count: an earlier experiment's fresh pages are
  /// not code.
  public static func of(
    folder: URL = OwnExecutable.file.deletingLastPathComponent()
  ) -> RepositoryState {
    guard let commit = git(["rev-parse", "HEAD"], in: folder), commit.count >= 40 else {
      return unknown
    }
    let changes = git(["status", "--porcelain", "--", ":/", ":(top,exclude)Results"], in: folder)
    return RepositoryState(commit: commit, isDirty: changes != "")
  }

  /// What git prints, trimmed; `nil` if it fails or is not there.
  ///
  /// Uses `popen`: Foundation's `Process` needs sockets, and hangs if there is no network.
  private static func git(_ arguments: [String], in folder: URL) -> String? {
    let words = ["git", "-C", folder.path] + arguments
    let command = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }
      .joined(separator: " ")
    guard let pipe = popen(command + " 2>/dev/null </dev/null", "re") else { return nil }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      guard count > 0 else { break }
      output += buffer[..<count]
    }
    guard pclose(pipe) == 0 else { return nil }
    return String(decoding: output, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
