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
    guard let commit = Git.text(["rev-parse", "HEAD"], in: folder.path), commit.count >= 40 else {
      return unknown
    }
    let changes = Git.text(
      ["status", "--porcelain", "--", ":/", ":(top,exclude)Results"], in: folder.path)
    return RepositoryState(commit: commit, isDirty: changes != "")
  }
}
