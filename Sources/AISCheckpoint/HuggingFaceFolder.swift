import Foundation

/// A model folder as published on Hugging Face: `config.json` and safetensors weights.
///
/// The weights are one `model.safetensors`, or shards listed in `model.safetensors.index.json`; if
/// both exist, the single file is read. This type does not interpret the configuration and does not
/// read the tokenizer's files; it gives their paths.
public final class HuggingFaceFolder: NamedTensors, Sendable {
  /// The path, as the caller gave it.
  public let path: String
  /// The contents of `config.json`.
  public let config: JSONSection
  /// The names of the tensors, sorted.
  public let tensorNames: [String]

  private let shards: [SafetensorsFile]
  /// The shard that holds each tensor.
  private let shardOfTensor: [String: Int]

  /// Opens the folder at `path`.
  ///
  /// With `weights` false, only the configuration is read and there are no tensors. That is enough
  /// for a tokenizer.
  /// Throws: `CheckpointError` when files are missing or malformed.
  public init(path: String, weights: Bool = true) throws {
    self.path = path
    let configPath = Self.join(path, "config.json")
    guard Self.fileExists(configPath) else {
      throw CheckpointError(
        file: path, expected: "a folder with config.json", found: "no such file")
    }
    config = try JSONSection(contentsOf: configPath)
    let single = Self.join(path, "model.safetensors")
    let index = Self.join(path, "model.safetensors.index.json")
    if !weights {
      (shards, shardOfTensor) = ([], [:])
    } else if Self.fileExists(single) {
      let file = try SafetensorsFile(path: single)
      shards = [file]
      shardOfTensor = Dictionary(uniqueKeysWithValues: file.tensorNames.map { ($0, 0) })
    } else if Self.fileExists(index) {
      (shards, shardOfTensor) = try Self.openShards(listedIn: index, folder: path)
    } else {
      throw CheckpointError(
        file: path, expected: "weights as model.safetensors or model.safetensors.index.json",
        found: Self.otherWeights(in: path))
    }
    tensorNames = shardOfTensor.keys.sorted()
  }

  /// The tensor called `name`, or `nil` if there is none.
  ///
  /// Throws: `CheckpointError` when AIS cannot compute with its element type.
  public func tensorIfPresent(_ name: String) throws -> TensorView? {
    guard let shard = shardOfTensor[name] else { return nil }
    return try shards[shard].tensorIfPresent(name)
  }

  /// The name of the tensor's element type, or `nil` if there is no such tensor.
  public func elementTypeName(ofTensor name: String) -> String? {
    shardOfTensor[name].flatMap { shards[$0].elementTypeName(ofTensor: name) }
  }

  /// The tensor's shape, outermost dimension first, or `nil` if there is no such tensor.
  public func shape(ofTensor name: String) -> [Int]? {
    shardOfTensor[name].flatMap { shards[$0].shape(ofTensor: name) }
  }

  // MARK: Other files

  /// The part of `config.json` that describes the text model.
  ///
  /// Models that also read images have a section `text_config` for it.
  ///
  /// Throws: `CheckpointError` if that section is no object.
  package var textConfig: JSONSection {
    get throws { try config.sectionIfPresent("text_config") ?? config }
  }

  /// The paths of the files that hold the weights.
  public var weightFiles: [String] { shards.map(\.path) }
  /// Where `tokenizer.json` is, if it exists.
  public var tokenizerURL: URL? { url(of: "tokenizer.json") }
  /// Where `tokenizer_config.json` is, if it exists.
  public var tokenizerConfigURL: URL? { url(of: "tokenizer_config.json") }
  /// Where `chat_template.jinja` is, if it exists.
  public var chatTemplateURL: URL? { url(of: "chat_template.jinja") }
  /// Where `generation_config.json` is, if it exists.
  public var generationConfigURL: URL? { url(of: "generation_config.json") }

  /// Where the folder's file called `name` is, if it exists.
  public func url(of name: String) -> URL? {
    let path = Self.join(path, name)
    return Self.fileExists(path) ? URL(fileURLWithPath: path) : nil
  }

  // MARK: Weights

  private static func openShards(
    listedIn index: String, folder: String
  ) throws -> ([SafetensorsFile], [String: Int]) {
    let map = try JSONSection(contentsOf: index).section("weight_map")
    var shards: [SafetensorsFile] = []
    var shardNumbers: [String: Int] = [:]
    var shardOfTensor: [String: Int] = [:]
    shardOfTensor.reserveCapacity(map.keys.count)
    for tensor in map.keys {
      let name = try map.string(tensor)
      let number: Int
      if let known = shardNumbers[name] {
        number = known
      } else {
        guard isPlainName(name) else {
          throw map.error(tensor, expected: "the plain name of a .safetensors file in the folder")
        }
        number = shards.count
        shards.append(try SafetensorsFile(path: join(folder, name)))
        shardNumbers[name] = number
      }
      guard shards[number].contains(tensor) else {
        throw CheckpointError(
          file: shards[number].path, place: .tensor(tensor),
          expected: "the tensor that \(index) says is here", found: "no such tensor")
      }
      shardOfTensor[tensor] = number
    }
    guard !shards.isEmpty else {
      throw CheckpointError(
        file: index, place: .json("weight_map"), expected: "at least one tensor", found: "none")
    }
    return (shards, shardOfTensor)
  }

  /// The index is not trusted: it must not name a file outside the folder.
  private static func isPlainName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && name.utf8.count <= 255
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }

  private static func otherWeights(in folder: String) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let endings = [".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".gguf"]
    let weights = names.sorted().first { name in endings.contains { name.hasSuffix($0) } }
    return weights.map { "only \($0), which AIS does not read from a folder" } ?? "neither"
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  private static func fileExists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
