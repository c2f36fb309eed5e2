import AISKit

/// A map's folder that cannot be used: missing, damaged, of another kind, or for another model.
public struct MapFolderError: InputError, Equatable {
  /// The file or folder.
  public let file: String
  /// The place in it; empty for the whole.
  public let place: String
  /// What would have been right.
  public let expected: String
  /// What is there.
  public let found: String

  /// An error about `file`.
  public init(file: String, place: String = "", expected: String, found: String) {
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// One line: file, place, expected, found.
  public var description: String {
    let subject = place.isEmpty ? file : "\(file): \(place)"
    return "\(subject): expected \(expected), found \(found)"
      .split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
