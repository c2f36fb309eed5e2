import Foundation

/// Standard output could not be written: closed, or its disk is full.
public struct OutputError: Error, Sendable, CustomStringConvertible {
  /// The system's reason.
  public let reason: String

  /// What failed, in one line.
  public var description: String { "standard output: cannot write: \(reason)" }
}

/// Writing to standard output and standard error, with errors as values.
public enum StandardStreams {
  /// Writes all of the text to standard output.
  ///
  /// - Throws: `OutputError`.
  public static func writeOutput(_ text: String) throws {
    guard write(text, to: STDOUT_FILENO) else {
      throw OutputError(reason: String(cString: strerror(errno)))
    }
  }

  /// Writes to standard error; what cannot be written there cannot be reported anywhere.
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
