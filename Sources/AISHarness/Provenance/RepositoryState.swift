import Foundation

/// Which code a run was made with, as far as git can tell.
public struct RepositoryState: Sendable, Equatable {
  /// The commit that is checked out, or `unknown`.
  public let commit: String
  /// True where the code differs from that commit, or where nobody can tell.
  public let isDirty: Bool

  /// What is said where there is no git or no repository.
  static let unknown = RepositoryState(commit: "unknown", isDirty: true)

  /// The state of the repository that a folder lies in.
  ///
  /// `Results` is left out of the comparison: an earlier experiment's fresh pages don't make the
  /// code another.
  /// By default that is this executable's: built tools lie inside the clone they were built from,
  /// wherever they are called.
  public static func of(
    folder: URL = OwnExecutable.file.deletingLastPathComponent()
  ) -> RepositoryState {
    guard let commit = git(["rev-parse", "HEAD"], in: folder), commit.count >= 40 else {
      return unknown
    }
    let changes = git(["status", "--porcelain", "--", ":/", ":(top,exclude)Results"], in: folder)
    return RepositoryState(commit: commit, isDirty: changes != "")
  }

  /// What git prints, trimmed; `nil` where it fails or is not there.
  ///
  /// By `popen`: Foundation's `Process` needs sockets, and hangs where there is no network at all.
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
