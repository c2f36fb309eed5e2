import AISBase

/// A fault in a tokenizer's files; every source of vocabularies uses this type.
///
/// The description is always one line, whatever bytes the file holds.
public struct TokenizerError: InputError, Equatable {
  /// The file or folder, as the caller gave it.
  public let file: String
  /// The key, JSON path or table in it.
  public let place: String
  /// What is required there.
  public let expected: String
  /// What is there instead.
  public let found: String

  /// An error at `place` in `file`.
  public init(file: String, place: String, expected: String, found: String) {
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// One line: file, place, expected, found.
  public var description: String {
    let parts = [oneLine(file, limit: 1024), oneLine(place, limit: 200)].filter { !$0.isEmpty }
    let rest = "expected \(oneLine(expected, limit: 1200)), found \(oneLine(found, limit: 400))"
    return (parts + [rest]).joined(separator: ": ")
  }
}

/// A tokenizer's file; makes errors about it.
struct VocabularySource: Sendable {
  let file: String

  func error(_ place: String, expected: String, found: String) -> TokenizerError {
    TokenizerError(file: file, place: place, expected: expected, found: found)
  }

  /// Bytes of the longest token that a vocabulary may have; published ones have a few hundred.
  private static let longestToken = 1 << 16

  /// Checks the length of a token's spelling in bytes.
  func allowToken(_ length: Int, _ place: @autoclosure () -> String) throws(TokenizerError) {
    guard length <= Self.longestToken else {
      throw error(
        place(), expected: "a token of at most \(Self.longestToken) bytes", found: "\(length)")
    }
  }
}
