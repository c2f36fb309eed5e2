import Foundation

/// A model's files described for a person: family, shape, tensors, memory.
///
/// Of a model that cannot be loaded it tells what the files alone say, and the reason.
public struct ModelInspection: Sendable {
  /// A name and what is to be said of it.
  public struct Fact: Sendable, Equatable {
    /// What is described.
    public let name: String
    /// Its description.
    public let text: String
  }

  /// Tensors that differ in their layer or expert alone.
  public struct TensorGroup: Sendable, Equatable {
    /// The name; `#` stands for a number that differs.
    public let name: String
    /// Outermost dimension first.
    public let shape: [Int]
    /// The encoding's name.
    public let elementType: String
    /// How many tensors there are.
    public let count: Int
  }

  /// What the files are.
  public let facts: [Fact]
  /// The tensors, in the order of the files.
  public let tensors: [TensorGroup]
  /// Bytes that the model takes in memory; empty where it cannot be loaded.
  public let memory: [Fact]
  /// Why the model cannot be loaded.
  public let problem: (any InputError)?

  /// Describes a checkpoint; of its weights norms and biases alone are read.
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
      // Absent or misshapen tensors, as loading would find them.
      let all = try AllTensors(ModelTensors(description))
      memory = Self.memory(all, description.config)
    } catch {
      problem =
        error as? any InputError
        ?? RequestError(checkpoint.path, expected: "a readable model", found: "\(error)")
    }
    (self.facts, self.memory, self.problem) = (facts, memory, problem)
  }

  /// What the files call the model; where they don't, what the file or folder is called.
  private static func name(_ checkpoint: Checkpoint) -> String {
    let own =
      switch checkpoint {
      case .gguf(let file): (try? file.string("general.name")) ?? nil
      case .huggingFace(let folder): folder.config["_name_or_path"]?.string
      }
    // Many configs hold the path that the model lay in where it was trained.
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
