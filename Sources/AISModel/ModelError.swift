/// A request that the model cannot serve: an unsupported architecture, an impossible input.
public struct ModelError: InputError, Equatable {
  /// What was being asked: a file and key, a token, a plan.
  public let subject: String
  /// What would have been right.
  public let expected: String
  /// What was given.
  public let found: String

  /// An error about `subject`.
  public init(_ subject: String, expected: String, found: String) {
    self.subject = subject
    self.expected = expected
    self.found = found
  }

  /// One line: subject, expected, found.
  public var description: String { "\(subject): expected \(expected), found \(found)" }
}
