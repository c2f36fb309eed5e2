import AISKit
import Foundation
import HDF5
import TestSupport

/// A small random model of a family, with reference values by Hugging Face transformers in float32.
struct TinyModel: Sendable, CustomStringConvertible {
  /// The folder's name: the family.
  let name: String
  let folder: URL

  var description: String { name }

  /// Every model that the reference files hold.
  static let all: [TinyModel] = {
    guard let url = ReferenceFiles.golden?.appendingPathComponent("tiny") else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.sorted().map { TinyModel(name: $0, folder: url.appendingPathComponent($0)) }
  }()

  func load() throws -> DecoderModel {
    try TestDevice.current.load(Checkpoint.open(path: folder.path))
  }

  /// The reference values.
  struct Golden {
    var tokens: [[Int32]] = []
    /// Logits of every position of each sequence.
    var logits: [[Float]] = []
    /// The input of each layer, for the first sequence.
    var inputs: [[Float]] = []
    /// 12 given tokens and the generated ones.
    var greedy: [Int32] = []
  }

  func golden(layers: Int) throws -> Golden {
    let file = try HDF5File.open(folder.appendingPathComponent("golden.h5").path)
    var golden = Golden()
    let shape = try file.shape(of: "/tokens")
    let flat = try Self.integers(file, "/tokens")
    golden.tokens = (0..<shape[0]).map { Array(flat[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    let values = try file.read(Float.self, from: "/logits")
    let size = values.count / shape[0]
    golden.logits = (0..<shape[0]).map { Array(values[$0 * size..<($0 + 1) * size]) }
    golden.inputs = try (0..<layers).map {
      try file.read(Float.self, from: "/hidden/input_of_layer_\($0)")
    }
    golden.greedy = try Self.integers(file, "/greedy_tokens")
    try file.close()
    return golden
  }

  private static func integers(_ file: borrowing HDF5File, _ path: String) throws -> [Int32] {
    switch try file.elementType(of: path) {
    case .int32: try file.read(Int32.self, from: path)
    default: try file.read(Int64.self, from: path).map { Int32($0) }
    }
  }

  /// Writes the model without one of its layers.
  ///
  /// Later layers move down and keep the settings of their old index.
  func write(without layer: Int, to target: URL) throws {
    let layers = try load().config.layerCount
    try write(layers: (0..<layers).filter { $0 != layer }, to: target)
  }

  /// Writes the model with these of its layers, in this order; a layer may come twice.
  func write(layers: [Int], to target: URL) throws {
    let source = try HuggingFaceFolder(path: folder.path)
    var weights = SafetensorsBuilder()
    for name in source.tensorNames {
      let tensor = try source.tensor(name)
      for renamed in Self.names(name, layers: layers) {
        weights.add(renamed, shape: tensor.shape, floats: tensor.dequantized())
      }
    }
    try Data(weights.bytes()).write(to: target.appendingPathComponent("model.safetensors"))
    let bytes = try Data(contentsOf: folder.appendingPathComponent("config.json"))
    var config = try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
    for key in ["num_hidden_layers", "n_layer"] where config[key] is Int {
      config[key] = layers.count
    }
    if let types = config["layer_types"] as? [String] {
      config["layer_types"] = layers.map { types[$0] }
    }
    try JSONSerialization.data(withJSONObject: config).write(
      to: target.appendingPathComponent("config.json"))
  }

  /// The names under which a tensor is written once the layers are these: one for each place of its layer,
  /// its own if it is no layer's.
  private static func names(_ name: String, layers: [Int]) -> [String] {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let place = parts.firstIndex(where: { ["layers", "h"].contains($0) }),
      place + 1 < parts.count, let index = Int(parts[place + 1])
    else { return [name] }
    return layers.indices.filter { layers[$0] == index }.map { written in
      parts[place + 1] = "\(written)"
      return parts.joined(separator: ".")
    }
  }
}
