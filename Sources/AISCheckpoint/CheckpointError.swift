import AISBase

/// A fault in a model's files; every container that AIS reads uses this type.
///
/// The description is always one line, whatever bytes the file holds: control characters are
/// escaped and long names are clipped.
public struct CheckpointError: InputError, Equatable {
  /// A place in the file.
  public enum Place: Sendable, Equatable {
    /// The file or folder as a whole.
    case file
    /// A byte, counted from the start of the file.
    case offset(Int)
    /// The tensor with this name.
    case tensor(String)
    /// The GGUF metadata key with this name.
    case metadata(String)
    /// A value inside a JSON document, such as `rope_scaling.factor` or `layer_types[3]`.
    case json(String)
  }

  /// The path of the file, as the caller gave it.
  public let file: String
  /// Where in the file.
  public let place: Place
  /// What the format or the caller requires at this place.
  public let expected: String
  /// What is there instead.
  public let found: String

  /// An error about `file`.
  public init(file: String, place: Place = .file, expected: String, found: String) {
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// One line: file, place, expected, found.
  public var description: String {
    let start = oneLine(file, limit: 1024)
    let rest = "expected \(oneLine(expected, limit: 400)), found \(oneLine(found, limit: 400))"
    return switch place {
    case .file: "\(start): \(rest)"
    case .offset(let offset): "\(start): at byte \(offset): \(rest)"
    case .tensor(let name): "\(start): tensor '\(oneLine(name, limit: 120))': \(rest)"
    case .metadata(let key): "\(start): metadata '\(oneLine(key, limit: 120))': \(rest)"
    case .json(let path): "\(start): at '\(oneLine(path, limit: 120))': \(rest)"
    }
  }
}
