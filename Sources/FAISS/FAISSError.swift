/// Why an index could not be made, read, searched or written.
public enum FAISSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file that is missing, foreign, damaged or cannot be written.
  case file(path: String, reason: String)
  /// An argument whose shape does not fit the index.
  case shape(what: String, expected: String, found: String)
  /// A vector with an infinity or a NaN, which has no distance to anything.
  case notFinite(what: String, row: Int, column: Int)
  /// A failure inside FAISS, such as a lack of memory.
  case library(operation: String, reason: String)

  /// One line: what, where, expected, found.
  public var description: String {
    let text =
      switch self {
      case .file(let path, let reason): "index \(path): \(reason)"
      case .shape(let what, let expected, let found):
        "index \(what): expected \(expected), found \(found)"
      case .notFinite(let what, let row, let column):
        "index \(what), row \(row), column \(column): expected a finite number"
      case .library(let operation, let reason): "index \(operation) failed: \(reason)"
      }
    return String(text.map { $0.isNewline ? " " : $0 })
  }
}
