import AISKit
import Foundation

/// A Llama with random weights and 16 letters, written as a Hugging Face folder.
final class TinyCheckpoint {
  static let (layers, width, inner, vocabulary) = (4, 8, 12, 16)
  private let folder: URL

  /// The model, loaded from the folder.
  let model: LanguageModel

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ais-api-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Self.write(to: folder)
    model = try LanguageModel(path: folder.path)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static func write(to folder: URL) throws {
    let config: [String: Any] = [
      "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": width,
      "intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": 2,
      "num_key_value_heads": 1, "head_dim": 4, "vocab_size": vocabulary,
      "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10_000,
      "hidden_act": "silu", "tie_word_embeddings": false,
    ]
    try JSONSerialization.data(withJSONObject: config)
      .write(to: folder.appendingPathComponent("config.json"))
    let letters = "abcdefghijklmnop".enumerated().map { "\"\($1)\": \($0)" }
    let tokenizer = """
      {"model": {"type": "BPE", "vocab": {\(letters.joined(separator: ", "))}, "merges": []}}
      """
    try Data(tokenizer.utf8).write(to: folder.appendingPathComponent("tokenizer.json"))
    try weights().write(to: folder.appendingPathComponent("model.safetensors"))
  }

  /// A safetensors file: the header's length, the header, the numbers.
  private static func weights() -> Data {
    var random = SplitMix64(seed: 5)
    var (entries, numbers): ([String], Data) = ([], Data())
    func add(_ name: String, _ shape: [Int]) {
      let begin = numbers.count
      for _ in 0..<shape.reduce(1, *) {
        let value = Float(random.unit() - 0.5) + (shape.count == 1 ? 1 : 0)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { numbers.append(contentsOf: $0) }
      }
      entries.append(
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),"
          + "\"data_offsets\":[\(begin),\(numbers.count)]}")
    }
    add("model.embed_tokens.weight", [vocabulary, width])
    add("model.norm.weight", [width])
    add("lm_head.weight", [vocabulary, width])
    for layer in 0..<layers {
      let prefix = "model.layers.\(layer)."
      add(prefix + "input_layernorm.weight", [width])
      add(prefix + "post_attention_layernorm.weight", [width])
      add(prefix + "self_attn.q_proj.weight", [8, width])
      add(prefix + "self_attn.k_proj.weight", [4, width])
      add(prefix + "self_attn.v_proj.weight", [4, width])
      add(prefix + "self_attn.o_proj.weight", [width, 8])
      add(prefix + "mlp.gate_proj.weight", [inner, width])
      add(prefix + "mlp.up_proj.weight", [inner, width])
      add(prefix + "mlp.down_proj.weight", [width, inner])
    }
    var header = "{\(entries.joined(separator: ","))}"
    while header.utf8.count % 8 != 0 { header += " " }
    var file = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { file.append(contentsOf: $0) }
    return file + Data(header.utf8) + numbers
  }
}

extension DecoderModel {
  /// The logits of every row of a pass over fresh sequences.
  func rows(
    of texts: [[Int32]], _ policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil
  ) throws -> [[Float]] {
    var context = try makeContext(
      sequences: texts.count, capacity: texts.map(\.count).max() ?? 1, path: policy.path)
    try forward(
      PackedTokens(texts), in: &context, policy: policy, observer: observer, logits: .all)
    return (0..<context.logitRows).map { context.logits(row: $0) }
  }
}
