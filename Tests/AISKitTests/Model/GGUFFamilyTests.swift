import AISKit
import Foundation
import TestSupport
import Testing

/// The configuration that is read from GGUF files.
struct GGUFFamilyTests {
  @Test func ggufSaysWhichLayersSlide() throws {
    let window = "gemma3.attention.sliding_window"
    let pattern = window + "_pattern"
    let byDefault = try FamilyFiles.gguf("gemma3") { $0.set(window, .uint32(9)) }
    #expect(byDefault.layers.map(\.window) == [9, 9, 9])
    let byPeriod = try FamilyFiles.gguf("gemma3") {
      $0.set(window, .uint32(9))
      $0.set(pattern, .uint32(2))
    }
    #expect(byPeriod.layers.map(\.window) == [9, nil, 9])
    let byLayer = try FamilyFiles.gguf("gemma3") {
      $0.set(window, .uint32(9))
      $0.set(pattern, .bools([false, true, true]))
    }
    #expect(byLayer.layers.map(\.window) == [nil, 9, 9])
    #expect(byLayer.layers.map(\.rotary) == [0, 1, 1])
    #expect(throws: CheckpointError.self) {
      try FamilyFiles.gguf("gemma3") { $0.set(pattern, .bools([true])) }
    }
  }

  @Test func ggufsGemma2HasItsDefaults() throws {
    let bare = try FamilyFiles.gguf("gemma2")
    #expect(bare.layers.map(\.window) == [4096, nil, 4096])
    #expect(bare.attentionSoftCap == 50 && bare.logitSoftCap == 30)
    let uncapped = try FamilyFiles.gguf("gemma2") {
      $0.set("gemma2.attn_logit_softcapping", .float32(0))
      $0.set("gemma2.final_logit_softcapping", .float32(7))
    }
    #expect(uncapped.attentionSoftCap == nil && uncapped.logitSoftCap == 7)
  }

  @Test func ggufsRotaryScalingsAreRead() throws {
    let yarn = try FamilyFiles.gguf("qwen2") {
      $0.set("qwen2.rope.scaling.type", .string("yarn"))
      $0.set("qwen2.rope.scaling.factor", .float32(4))
      $0.set("qwen2.rope.scaling.original_context_length", .uint32(16))
    }
    #expect(
      yarn.rotaries[0].scaling == .yarn(RotaryEmbedding.YaRN(factor: 4, originalContext: 16)))
    // 0.1 · ln 4 + 1
    #expect(abs(yarn.rotaries[0].magnitude - 1.138_629_4) < 1e-6)
    let long = try FamilyFiles.gguf("phi3") {
      $0.set("phi3.rope.scaling.original_context_length", .uint32(16))
      $0.set("phi3.rope.scaling.attn_factor", .float32(1.25))
      $0.add("rope_factors_short.weight", shape: [4], floats: [1, 1, 1, 2])
      $0.add("rope_factors_long.weight", shape: [4], floats: [1, 2, 3, 4])
    }
    #expect(
      long.rotaries[0].scaling
        == .longRope(short: [1, 1, 1, 2], long: [1, 2, 3, 4], originalContext: 16))
    #expect(long.rotaries[0].magnitude == 1.25)
  }

  @Test func ggufsFalconHasItsAttentionNormSecond() throws {
    func norm(_ name: String) -> (inout GGUFBuilder) -> Void {
      { $0.add("blk.0.\(name).weight", shape: [32], floats: Array(repeating: 1, count: 32)) }
    }
    let one = try FamilyFiles.gguf("falcon", norm("attn_norm"))
    #expect(one.residual == .parallel(sharesNorm: true))
    let two = try FamilyFiles.gguf("falcon") {
      norm("attn_norm")(&$0)
      norm("attn_norm_2")(&$0)
    }
    #expect(two.residual == .parallel(sharesNorm: false))
  }

  @Test func valuesAsWideAsKeysAreNeeded() {
    #expect(throws: CheckpointError.self) {
      try FamilyFiles.gguf("llama") { $0.set("llama.attention.value_length", .uint32(4)) }
    }
  }
}
