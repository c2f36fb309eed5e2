/// What went wrong with an HDF5 file, in one line.
///
/// The module has no exit codes: a command-line tool decides whether a failure was the caller's (a
/// missing file) or its own (a full disk).
public struct HDF5Error: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path as it was given.
  public let file: String
  /// The object inside the file (`/logits`, `/rows/kl@unit`), or `nil` for the file itself.
  public let object: String?
  /// What was attempted, as a verb phrase: `open`, `read rows 0..<4`.
  public let operation: String
  /// What the operation needed, if known.
  public let expected: String?
  /// What was there instead.
  public let found: String?
  /// HDF5's own innermost message.
  public let detail: String?

  /// An error at `object` of `file`.
  public init(
    file: String, object: String? = nil, operation: String, expected: String? = nil,
    found: String? = nil, detail: String? = nil
  ) {
    self.file = file
    self.object = object
    self.operation = operation
    self.expected = expected
    self.found = found
    self.detail = detail
  }

  /// One line: where, what was attempted, expected, found, and HDF5's reason.
  public var description: String {
    var line = file
    if let object { line += ": \(object)" }
    line += ": cannot \(operation)"
    if let expected { line += ": expected \(expected)" }
    if let found { line += (expected == nil ? ": found " : ", found ") + found }
    if let detail { line += " (HDF5: \(detail))" }
    return String(line.map { $0.isNewline ? " " : $0 })
  }
}
