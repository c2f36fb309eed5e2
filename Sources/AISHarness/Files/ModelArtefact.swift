import AISKit
import Foundation

/// Something made for one model's weights, such as routers or bridges, with their digest.
///
/// Shapes reveal a model of another width; only the digest reveals another model of the same width.
/// A fine-tuned model would accept another's routers without complaint, and give worthless results.
public struct ModelArtefact: Sendable {
  /// The name of the metadata field with the digest of the model that a file was made for.
  public static let digestName = "model_sha256"

  /// What it is, such as `routers` or `a map`.
  public let kind: String
  /// The file or folder.
  public let path: String
  /// The digest of the model that it was made for; `nil` if it notes none.
  public let modelSHA256: String?

  /// An artefact whose digest has been read.
  public init(kind: String, path: String, modelSHA256: String?) {
    self.kind = kind
    self.path = path
    self.modelSHA256 = modelSHA256
  }

  /// A safetensors file, of which only the header is read.
  ///
  /// - Throws: `CheckpointError` for a file that is missing or damaged.
  public init(kind: String, path: String) throws {
    let notes = try SafetensorsFile(path: path).metadata
    self.init(kind: kind, path: path, modelSHA256: notes[Self.digestName])
  }

  /// Refuses what was made for other weights; only warns if that is unknown or the user insists.
  ///
  /// - Parameters:
  ///   - digest: of the model in use; asked for if the artefact notes one.
  ///   - options: whether the user insists.
  ///   - say: prints a line, given without its line break.
  /// - Returns: the other model's digest, if one's artefact is used because the user insists.
  /// - Throws: `ForeignArtefactError`, and what computing the digest throws.
  public func check(
    usedWith digest: @autoclosure () throws -> String, _ options: ForeignOptions,
    say: (String) -> Void = { StandardStreams.writeError($0 + "\n") }
  ) throws -> String? {
    guard let modelSHA256 else {
      say("\(path): carries no model digest: not checked")
      return nil
    }
    let digest = try digest()
    if modelSHA256 == digest { return nil }
    guard options.allowsForeign else {
      throw ForeignArtefactError(kind: kind, path: path, expected: digest, found: modelSHA256)
    }
    say("\(path): made for another model, \(Self.digestName) \(modelSHA256); used with --force")
    return modelSHA256
  }
}

/// Routers, bridges or a map that were made for another model.
public struct ForeignArtefactError: InputError, Equatable {
  /// What it is, such as `routers`.
  public let kind: String
  /// The file or folder.
  public let path: String
  /// The digest of the model in use.
  public let expected: String
  /// The digest of the model that it was made for.
  public let found: String

  /// File, expected, found, in one line.
  public var description: String {
    "\(path): expected \(kind) made for the model in use, \(ModelArtefact.digestName) \(expected), "
      + "found \(found); --force uses it all the same"
  }
}
