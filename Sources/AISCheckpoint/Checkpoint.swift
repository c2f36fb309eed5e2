import Foundation

/// A model's files, in either container that AIS reads.
///
/// Tensor names are those of the container: GGUF and Hugging Face call the same weight differently.
public enum Checkpoint: NamedTensors, Sendable {
  /// One GGUF file.
  case gguf(GGUFFile)
  /// A Hugging Face model folder.
  case huggingFace(HuggingFaceFolder)

  /// Opens the file or folder at `path`; its contents, not its name, tell which container it is.
  ///
  /// With `weights` false, a folder may lack them. That is enough for a tokenizer.
  /// Throws: `CheckpointError` when it is neither, or is malformed.
  public static func open(path: String, weights: Bool = true) throws -> Checkpoint {
    let expected = "a GGUF file or a Hugging Face folder with config.json"
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw CheckpointError(file: path, expected: expected, found: "nothing there")
    }
    if isDirectory.boolValue {
      guard FileManager.default.fileExists(atPath: path + "/config.json") else {
        throw CheckpointError(
          file: path, expected: expected, found: "a folder without config.json")
      }
      return .huggingFace(try HuggingFaceFolder(path: path, weights: weights))
    }
    let file = try MappedFile(path: path)
    guard GGUFParser.hasMagic(file) else {
      let start = file.bytes.prefix(8).map { Unicode.Scalar($0).escaped(asASCII: true) }.joined()
      let found = path.hasSuffix(".safetensors") ? "weights alone" : "a file that begins '\(start)'"
      throw CheckpointError(file: path, expected: expected, found: found)
    }
    return .gguf(try GGUFFile(file))
  }

  /// The path, as the caller gave it.
  public var path: String {
    switch self {
    case .gguf(let file): file.path
    case .huggingFace(let folder): folder.path
    }
  }

  /// The names of all tensors.
  public var tensorNames: [String] {
    switch self {
    case .gguf(let file): file.tensorNames
    case .huggingFace(let folder): folder.tensorNames
    }
  }

  /// The tensor called `name`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when AIS cannot compute with its encoding.
  public func tensorIfPresent(_ name: String) throws -> TensorView? {
    switch self {
    case .gguf(let file): try file.tensorIfPresent(name)
    case .huggingFace(let folder): try folder.tensorIfPresent(name)
    }
  }

  /// The name of the tensor's encoding, computable or not, or `nil` if there is no such tensor.
  public func elementTypeName(ofTensor name: String) -> String? {
    switch self {
    case .gguf(let file): file.elementTypeName(ofTensor: name)
    case .huggingFace(let folder): folder.elementTypeName(ofTensor: name)
    }
  }

  /// The tensor's shape, outermost dimension first, or `nil` if there is no such tensor.
  public func shape(ofTensor name: String) -> [Int]? {
    switch self {
    case .gguf(let file): file.shape(ofTensor: name)
    case .huggingFace(let folder): folder.shape(ofTensor: name)
    }
  }
}
