/// A request that does not fit a topological map.
public struct MapError: InputError, Equatable {
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
  public var description: String { "map \(subject): expected \(expected), found \(found)" }
}
