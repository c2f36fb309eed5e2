import Foundation

/// A description of a model's files for display: family, shape, tensors, memory.
///
/// If the model cannot be loaded, it holds what the files say, and the reason.
public struct ModelInspection: Sendable {
  /// A named property and its value as text.
  public struct Fact: Sendable, Equatable {
    /// The property's name.
    public let name: String
    /// Its value as text.
    public let text: String
  }

  /// Tensors whose names differ only in their layer or expert.
  public struct TensorGroup: Sendable, Equatable {
    /// The name, with `#` for a number that differs.
    public let name: String
    /// Outermost dimension first.
    public let shape: [Int]
    /// The encoding's name.
    public let elementType: String
    /// How many tensors there are.
    public let count: Int
  }

  /// The model's properties.
  public let facts: [Fact]
  /// The tensors, in the order of the files.
  public let tensors: [TensorGroup]
  /// The memory that the model takes, in bytes; empty if it cannot be loaded.
  public let memory: [Fact]
  /// Why the model cannot be loaded; `nil` if it can.
  public let problem: (any InputError)?

  /// Describes a checkpoint.
  ///
  /// Reads only norms and biases, no matrices.
  public init(_ checkpoint: Checkpoint) {
    tensors = Self.groups(checkpoint)
    var facts = [
      Fact(name: "Name", text: Self.name(checkpoint)),
      Fact(name: "File", text: Self.container(checkpoint)),
    ]
    var memory: [Fact] = []
    var problem: (any InputError)?
    do {
      let description = try ModelDescription(checkpoint)
      facts.append(
        Fact(
          name: "Family",
          text: "\(description.family.name) (\(checkpoint.architectureKey) "
            + "'\(description.config.architecture)')"))
      facts += ShapeText(description.config).facts
      if !description.unreadFields.isEmpty {
        facts.append(
          Fact(name: "Not read", text: description.unreadFields.joined(separator: ", ")))
      }
      // Finds absent or misshapen tensors, as loading would.
      let all = try AllTensors(ModelTensors(description))
      memory = Self.memory(all, description.config)
    } catch {
      problem =
        error as? any InputError
        ?? RequestError(checkpoint.path, expected: "a readable model", found: "\(error)")
    }
    (self.facts, self.memory, self.problem) = (facts, memory, problem)
  }

  /// The model's name by its files, or else the name of the file or folder.
  private static func name(_ checkpoint: Checkpoint) -> String {
    let own =
      switch checkpoint {
      case .gguf(let file): (try? file.string("general.name")) ?? nil
      case .huggingFace(let folder): folder.config["_name_or_path"]?.string
      }
    // Many configs hold a path on the machine that trained the model.
    if let own, !own.isEmpty, !own.hasPrefix("/"), !own.hasPrefix(".") {
      return oneLine(own, limit: 120)
    }
    let place = URL(fileURLWithPath: checkpoint.path).standardizedFileURL
    let stem = place.pathExtension == "gguf" ? place.deletingPathExtension() : place
    return oneLine(stem.lastPathComponent, limit: 120)
  }

  private static func container(_ checkpoint: Checkpoint) -> String {
    let kind =
      switch checkpoint {
      case .gguf(let file): "GGUF version \(file.version)"
      case .huggingFace(let folder):
        "Hugging Face folder, \(folder.weightFiles.count) weight "
          + (folder.weightFiles.count == 1 ? "file" : "files")
      }
    return "\(checkpoint.path): \(kind), \(checkpoint.tensorNames.count) tensors"
  }

  private static func groups(_ checkpoint: Checkpoint) -> [TensorGroup] {
    var order: [String] = []
    var groups: [String: TensorGroup] = [:]
    for name in checkpoint.tensorNames {
      let shape = checkpoint.shape(ofTensor: name) ?? []
      let type = checkpoint.elementTypeName(ofTensor: name) ?? "?"
      let pattern = name.split(separator: ".", omittingEmptySubsequences: false)
        .map { Int($0) == nil ? String($0) : "#" }.joined(separator: ".")
      let key = "\(pattern) \(shape) \(type)"
      if groups[key] == nil { order.append(key) }
      groups[key] = TensorGroup(
        name: oneLine(pattern, limit: 120), shape: shape, elementType: type,
        count: (groups[key]?.count ?? 0) + 1)
    }
    return order.compactMap { groups[$0] }
  }

  // MARK: Memory

  private static func memory(_ all: AllTensors, _ config: ModelConfig) -> [Fact] {
    // float32 in the cache, keys and values.
    let position = Double(config.layerCount) * Double(config.kvHeads * config.headDim * 2 * 4)
    return ComputeType.allCases.map {
      Fact(name: "Packed weights, \($0.rawValue)", text: bytes(all.packedBytes($0)))
    } + [
      Fact(
        name: "KV cache",
        text: "\(bytes(position)) for each position, "
          + "\(bytes(position * Double(config.contextLength))) for a full context")
    ]
  }

  private static func bytes(_ count: Double) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var (value, unit) = (count, 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(Int(value)) B" : String(format: "%.2f %@", value, units[unit])
  }
}
