import AISKit
import Foundation
import TestSupport
import Testing

/// Errors for an architecture that no family describes.
struct UnknownFamilyTests {
  private func refusal(_ config: String, _ tensors: [String: [Int]]) throws -> String {
    let folder = try FamilyFiles.folder(config, tensors)
    let error = #expect(throws: RequestError.self) {
      try DecoderModel.load(Checkpoint.open(path: folder.url.path))
    }
    return error?.description ?? ""
  }

  @Test func theErrorNamesTheNearestAndWhatItWouldNotUnderstand() throws {
    let error = try refusal(
      """
      {"model_type": "marble", \(FamilyFiles.sizes), "logits_scaling": 8.0, "residual_multiplier": 0.2,
       "attention_dropout": 0.1, "torch_dtype": "bfloat16"}
      """, FamilyFiles.llamaTensors)
    #expect(error.contains("found 'marble', which is nearest to Llama (11 of 11 kinds"))
    #expect(error.hasSuffix("not understood there: logits_scaling, residual_multiplier"))
    #expect(error.contains("config.json, model_type: expected one of "))
    #expect(!error.contains("\n"))
  }

  @Test func theErrorNamesARefusedValueAndNothingThatIsUnderstood() throws {
    let error = try refusal(
      """
      {"model_type": "marble", \(FamilyFiles.sizes), "hidden_act": "relu2", "rope_theta": 1e6,
       "tie_word_embeddings": false, "attn_output_gate": true}
      """, FamilyFiles.llamaTensors)
    #expect(error.hasSuffix("not understood there: hidden_act, attn_output_gate"))
    let partial = try refusal(
      "{\"model_type\": \"marble\", \"hidden_size\": 8, \"rms_norm_eps\": 1e-5, \"odd\": 1}",
      FamilyFiles.llamaTensors)
    #expect(partial.hasSuffix("not understood there: odd"))
  }

  @Test func theNearestIsToldByTensors() throws {
    var tensors = FamilyFiles.llamaTensors
    tensors["model.layers.0.self_attn.q_norm.weight"] = [8]
    tensors["model.layers.0.self_attn.k_norm.weight"] = [8]
    #expect(
      try refusal("{\"model_type\": \"x\", \(FamilyFiles.sizes)}", tensors).contains("to Qwen 3 ("))
    let gpt = ["wte", "wpe", "ln_f", "h.0.ln_1", "h.0.attn.c_attn", "h.0.mlp.c_fc"]
    let names = Dictionary(uniqueKeysWithValues: gpt.map { ("transformer.\($0).weight", [1]) })
    #expect(
      try refusal("{\"model_type\": \"x\", \(FamilyFiles.sizes)}", names).contains("to GPT-2 ("))
  }

  @Test func withoutTensorsInCommonTheNameDecides() throws {
    let named = try refusal("{\"model_type\": \"qwen9\", \"odd\": 1}", ["a.weight": [1]])
    #expect(named.contains("'qwen9', which is nearest to Qwen"))
    #expect(named.contains("odd"))
    let strange = try refusal("{\"model_type\": \"zzz\"}", ["a.weight": [1]])
    #expect(strange.hasSuffix("found 'zzz'"))
  }

  @Test func anUnknownGGUFIsToldTheSameWay() {
    let error = #expect(throws: RequestError.self) {
      try FamilyFiles.gguf("marble") {
        $0.set("marble.residual_scale", .float32(0.2))
        for name in ["attn_norm", "attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_norm"] {
          $0.add("blk.0.\(name).weight", shape: [1], floats: [0])
        }
      }
    }
    let text = error?.description ?? ""
    #expect(text.contains("general.architecture: expected one of"))
    #expect(text.contains("found 'marble', which is nearest to Llama"))
    #expect(text.hasSuffix("not understood there: marble.residual_scale"))
  }
}
