import AISKit
import Foundation
import TestSupport

/// Small model files whose configuration tests read.
enum FamilyFiles {
  /// A folder with a config and small tensors of the given names.
  static func folder(_ config: String, _ tensors: [String: [Int]]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var weights = SafetensorsBuilder()
    for (name, shape) in tensors.sorted(by: { $0.key < $1.key }) {
      weights.add(name, shape: shape, floats: Array(repeating: 0, count: shape.reduce(1, *)))
    }
    try folder.write(weights.bytes(), as: "model.safetensors")
    try folder.write(config, as: "config.json")
    return folder
  }

  /// The sizes of the folders' models, as fields of config.json.
  static let sizes = """
    "hidden_size": 32, "num_hidden_layers": 6, "num_attention_heads": 4, "vocab_size": 8,
    "intermediate_size": 16
    """

  /// The tensors of a Llama model of two layers, by name with their shapes.
  static let llamaTensors: [String: [Int]] = {
    var tensors = ["model.embed_tokens.weight": [8, 32], "model.norm.weight": [32]]
    for layer in 0..<2 {
      for part in ["q_proj", "k_proj", "v_proj", "o_proj"] {
        tensors["model.layers.\(layer).self_attn.\(part).weight"] = [32, 32]
      }
      for part in ["gate_proj", "up_proj"] {
        tensors["model.layers.\(layer).mlp.\(part).weight"] = [16, 32]
      }
      tensors["model.layers.\(layer).mlp.down_proj.weight"] = [32, 16]
      for part in ["input_layernorm", "post_attention_layernorm"] {
        tensors["model.layers.\(layer).\(part).weight"] = [32]
      }
    }
    return tensors
  }()

  /// The configuration of a small folder with further fields.
  static func config(
    _ type: String, _ fields: String = "", embedding: String = "model.embed_tokens.weight"
  ) throws -> ModelConfig {
    let folder = try folder(
      "{\"model_type\": \"\(type)\", \(sizes)\(fields.isEmpty ? "" : ", ")\(fields)}",
      [embedding: [8, 32]])
    return try ModelConfig(huggingFace: HuggingFaceFolder(path: folder.url.path))
  }

  /// The configuration of a small GGUF file after a change.
  static func gguf(
    _ architecture: String, _ change: (inout GGUFBuilder) -> Void = { _ in }
  ) throws -> ModelConfig {
    var file = GGUFBuilder()
    file.set("general.architecture", .string(architecture))
    for (key, value) in [
      ("block_count", 3), ("context_length", 64), ("embedding_length", 32),
      ("feed_forward_length", 16), ("attention.head_count", 4),
    ] {
      file.set("\(architecture).\(key)", .uint32(UInt32(value)))
    }
    file.add("token_embd.weight", shape: [8, 32], floats: Array(repeating: 0, count: 256))
    change(&file)
    let folder = try TemporaryFolder()
    return try ModelConfig(
      gguf: GGUFFile(path: folder.write(file.bytes(), as: "model.gguf")))
  }
}
