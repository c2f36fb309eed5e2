import Foundation

/// Runs git, wherever the search path finds it.
enum Git {
  private static let environment = URL(fileURLWithPath: "/usr/bin/env")

  /// Runs git to its end.
  ///
  /// - Parameters:
  ///   - arguments: its arguments.
  ///   - folder: where it runs.
  ///   - limit: how many bytes it may write.
  /// - Returns: what it wrote to standard output, and how it ended: with status 127 if there is no
  ///   git.
  /// - Throws: `ChildProcessError` if nothing can be started.
  static func output(
    _ arguments: [String], in folder: String, limit: Int = 1 << 24
  ) throws -> ChildProcess.Output {
    try ChildProcess.output(
      of: environment, ["git", "-C", folder] + arguments, limit: limit, seconds: 600,
      isQuiet: true)
  }

  /// The text that git writes, trimmed; `nil` if it fails or is not there.
  static func text(_ arguments: [String], in folder: String) -> String? {
    guard let output = try? output(arguments, in: folder), output.ending == .exited(0) else {
      return nil
    }
    return String(decoding: output.bytes, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
