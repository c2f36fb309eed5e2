import Foundation

/// The version of a tool, and the commit that it was built from.
public enum ToolVersion {
  /// The version, which is also the first heading of `Docs/CHANGELOG.md`.
  public static let number = "0.1.0"

  /// The file beside the tools in which the build notes the commit that it compiled.
  package static let commitFile = "ais-commit"

  /// The version and, if known, the commit.
  ///
  /// - Parameter tool: the executable; by default this process's.
  /// - Returns: such as `0.1.0 (commit 0123456789ab)`.
  public static func text(
    of tool: URL = OwnExecutable.file
  ) -> String {
    commit(of: tool).map { "\(number) (commit \($0))" } ?? number
  }

  /// The commit that the build noted, unless the tool was rebuilt later without a note.
  private static func commit(of tool: URL) -> String? {
    let note = tool.deletingLastPathComponent().appendingPathComponent(commitFile)
    guard let noted = changed(note), let built = changed(tool), noted >= built,
      let text = try? String(contentsOf: note, encoding: .utf8)
    else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return commit.isEmpty ? nil : commit
  }

  private static func changed(_ file: URL) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.modificationDate] as? Date
  }
}
