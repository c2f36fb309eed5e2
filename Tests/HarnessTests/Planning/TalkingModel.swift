import AISHarness
import AISKit
import Foundation
import TestSupport

/// A folder with a small random model, tokenizer and chat template: enough for a whole experiment.
enum TalkingModel {
  private static let specials = ["<s>", "</s>", "<|user|>", "<|assistant|>"]

  /// Writes the folder.
  static func write(to folder: URL, layers: Int = 6) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(weights(layers)).write(to: folder.appendingPathComponent("model.safetensors"))
    let config: [String: Any] = [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
      "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": layers,
      "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
      "vocab_size": 256 + specials.count, "max_position_embeddings": 1_024,
      "rms_norm_eps": 1e-5, "rope_theta": 10_000.0, "tie_word_embeddings": false,
      "bos_token_id": 256, "eos_token_id": 257,
    ]
    try write(config, to: folder.appendingPathComponent("config.json"))
    try write(tokenizer, to: folder.appendingPathComponent("tokenizer.json"))
    let template =
      "{% for m in messages %}<|user|>{{ m['content'] }}</s>{% endfor %}"
      + "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    try write(
      ["bos_token": "<s>", "eos_token": "</s>", "chat_template": template],
      to: folder.appendingPathComponent("tokenizer_config.json"))
  }

  /// Writes a folder with a file of prompts of eight categories, in the layout of dolly-15k.
  static func writePrompts(_ count: Int, to folder: URL, _ text: (Int) -> String) throws {
    let lines = (0..<count).map {
      "{\"instruction\": \"\(text($0))\", \"context\": \"\", \"response\": \"x\", "
        + "\"category\": \"kind \($0 % 8)\"}\n"
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(lines.joined().utf8).write(to: folder.appendingPathComponent(DataFiles.dolly))
  }

  private static func write(_ object: [String: Any], to file: URL) throws {
    try JSONSerialization.data(withJSONObject: object).write(to: file)
  }

  /// A token for each byte, without merges.
  private static var tokenizer: [String: Any] {
    // Bytes without a visible character are mapped to code points from 256 on, in order.
    let visible = Array(33...126) + Array(161...172) + Array(174...255)
    var vocabulary: [String: Int] = [:]
    var moved = 256
    for byte in 0..<256 {
      let scalar = visible.contains(byte) ? byte : moved
      if scalar == moved { moved += 1 }
      vocabulary[Unicode.Scalar(UInt32(scalar)).map { String($0) } ?? ""] = byte
    }
    for (index, name) in specials.enumerated() { vocabulary[name] = 256 + index }
    return [
      "version": "1.0",
      "added_tokens": specials.enumerated().map {
        [
          "id": 256 + $0, "content": $1, "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true,
        ] as [String: Any]
      },
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      "decoder": ["type": "ByteLevel"],
      "model": ["type": "BPE", "vocab": vocabulary, "merges": [String]()] as [String: Any],
    ]
  }

  private static func weights(_ layers: Int) -> [UInt8] {
    var random = SplitMix64(seed: 5)
    var builder = SafetensorsBuilder()
    func add(_ name: String, _ shape: [Int], spread: Float = 0.25, around center: Float = 0) {
      builder.add(
        name, shape: shape,
        floats: (0..<shape.reduce(1, *)).map { _ in
          center + Float(random.unit() + random.unit() - 1) * spread
        })
    }
    let vocabulary = 256 + specials.count
    add("model.embed_tokens.weight", [vocabulary, 32], spread: 1)
    add("lm_head.weight", [vocabulary, 32], spread: 0.4)
    add("model.norm.weight", [32], around: 1)
    for layer in 0..<layers {
      let name = "model.layers.\(layer)."
      add(name + "input_layernorm.weight", [32], around: 1)
      add(name + "post_attention_layernorm.weight", [32], around: 1)
      add(name + "self_attn.q_proj.weight", [32, 32])
      add(name + "self_attn.k_proj.weight", [16, 32])
      add(name + "self_attn.v_proj.weight", [16, 32])
      add(name + "self_attn.o_proj.weight", [32, 32])
      add(name + "mlp.gate_proj.weight", [48, 32])
      add(name + "mlp.up_proj.weight", [48, 32])
      add(name + "mlp.down_proj.weight", [32, 48])
    }
    return builder.bytes()
  }
}
