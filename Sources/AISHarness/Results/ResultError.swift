import AISKit

/// A result file that cannot be used as asked: missing, damaged, or of another run.
public struct ResultError: InputError, Equatable {
  /// The result file's path.
  public let file: String
  /// What is wrong, in one line without the path.
  public let problem: String

  /// An error about `file`.
  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  /// The path and the problem, in one line.
  public var description: String { "\(file): \(problem)" }
}

/// A result that could not be written, for example because the disk is full.
///
/// This is not the caller's mistake, so the run exits with 1. Rows written before stay.
public struct ResultWriteError: Error, Equatable, CustomStringConvertible {
  /// The file that was being written.
  public let file: String
  /// The reason.
  public let problem: String

  /// The path and the reason, in one line.
  public var description: String { "\(file): cannot write: \(problem)" }
}
