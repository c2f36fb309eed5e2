/// An error in a file of prompts or questions.
///
/// The description is always one line, whatever bytes the file holds.
public struct DataFileError: InputError, Equatable {
  /// The path of the file or folder.
  public let file: String
  /// The line, counted from 1; `nil` if the error is about the whole file.
  public let line: Int?
  /// The field of that line, as `answer` or `choices[2]`; `nil` if the error is about the whole line.
  public let field: String?
  /// What the format requires there.
  public let expected: String
  /// What was found instead.
  public let found: String

  /// An error about `file`.
  public init(
    file: String, line: Int? = nil, field: String? = nil, expected: String, found: String
  ) {
    self.file = file
    self.line = line
    self.field = field
    self.expected = expected
    self.found = found
  }

  /// The error of a reader of one line's JSON, with the line's number.
  init(_ error: CheckpointError, line: Int) {
    var field: String?
    var found = error.found
    switch error.place {
    case .json(let path): field = path
    case .offset(let offset): found += " at byte \(offset + 1) of the line"
    case .file, .tensor, .metadata: break
    }
    self.init(file: error.file, line: line, field: field, expected: error.expected, found: found)
  }

  /// One line: file, line, field, expected, found.
  public var description: String {
    var text = oneLine(file, limit: 1024)
    if let line { text += ": line \(line)" }
    if let field { text += ", field '\(oneLine(field, limit: 120))'" }
    return text
      + ": expected \(oneLine(expected, limit: 400)), found \(oneLine(found, limit: 400))"
  }
}
