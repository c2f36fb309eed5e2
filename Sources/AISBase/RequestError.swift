/// A request that makes no sense or does not fit the model, such as a setting out of its range.
public struct RequestError: InputError, Equatable, Sendable {
  /// The part of the request.
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
