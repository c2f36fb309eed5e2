import Foundation
import Synchronization

/// Standard output could not be written: closed, or its disk is full.
public struct OutputError: Error, Sendable, CustomStringConvertible {
  /// The system's reason.
  public let reason: String

  /// What failed, in one line.
  public var description: String { "standard output: cannot write: \(reason)" }
}

/// Writes to standard output and standard error; all tools write through it.
///
/// Nothing is buffered, so the order of writes to both streams is kept, also on a pipe. Output that
/// could not be written makes a tool fail: `HarnessMain` checks `outputFailure` at its end.
public enum StandardStreams {
  private static let firstFailure = Mutex<OutputError?>(nil)

  /// The first failure to write to standard output, or `nil`.
  public static var outputFailure: OutputError? { firstFailure.withLock { $0 } }

  /// Writes all of the text to standard output.
  ///
  /// - Throws: `OutputError`.
  public static func writeOutput(_ text: String) throws {
    guard write(text, to: STDOUT_FILENO) else {
      let failure = OutputError(reason: String(cString: strerror(errno)))
      firstFailure.withLock { $0 = $0 ?? failure }
      throw failure
    }
  }

  /// Writes a line to standard output, and continues if that fails.
  ///
  /// For a long run's messages: its results matter more than its lines, so it fails only after
  /// storing the results.
  public static func say(_ line: String) { try? writeOutput(line + "\n") }

  /// Writes to standard error; a failure to do so is ignored, as it cannot be reported anywhere.
  public static func writeError(_ text: String) {
    _ = write(text, to: STDERR_FILENO)
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = UnsafeBufferPointer(rebasing: rest)
        let written = Glibc.write(descriptor, part.baseAddress, part.count)
        if written < 0 && errno == EINTR { continue }
        if written <= 0 { return false }
        rest = rest.dropFirst(written)
      }
      return true
    }
  }
}
