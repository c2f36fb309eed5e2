import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

/// Gemma 3 270M in K-quants, compared with Hugging Face transformers on the dequantized weights.
@Suite(.enabled(if: ReferenceFiles.exist && CachedModel.gemma.isPresent), .serialized)
struct GemmaTests {
  private static let model = Result { try LanguageModel(path: CachedModel.gemma.path) }

  /// The reference file's values of one prompt.
  private struct Golden {
    let text: String
    let tokens: [Int32]
    let topIDs: [Int32]
    let topLogits: [Float]
    let logSumExp: Double
    /// The prompt's tokens and the generated ones; empty if none were generated.
    let greedy: [Int32]
  }

  private func golden() throws -> [Golden] {
    let url = try #require(ReferenceFiles.golden)
      .appendingPathComponent("gemma3-270m/logits.h5")
    let file = try HDF5File.open(url.path)
    let prompts = try file.read(String.self, from: "/prompts")
    let golden = try prompts.enumerated().map { index, text in
      Golden(
        text: text, tokens: try file.read(Int32.self, from: "/\(index)/tokens"),
        topIDs: try file.read(Int32.self, from: "/\(index)/top_ids"),
        topLogits: try file.read(Float.self, from: "/\(index)/top_logits"),
        logSumExp: try file.attribute("logsumexp", on: "/\(index)"),
        greedy: try file.exists("/\(index)/greedy_tokens")
          ? try file.read(Int32.self, from: "/\(index)/greedy_tokens") : [])
    }
    try file.close()
    return golden
  }

  @Test func tokensAreTheReferences() throws {
    let model = try Self.model.get()
    for prompt in try golden() {
      #expect(try model.prompts.encode(prompt.text) == prompt.tokens)
    }
  }

  @Test func topLogitsAreTheReferences() throws {
    let model = try Self.model.get()
    let prompts = try golden()
    #expect(prompts.contains { $0.tokens.count > 512 }, "longer than the sliding window")
    for prompt in prompts {
      let logits = try model.logits(of: prompt.tokens)
      expectClose(prompt.topIDs.map { logits[Int($0)] }, prompt.topLogits, tolerance: 5e-3)
      #expect(abs(logSumExp(logits) - prompt.logSumExp) < 5e-3)
    }
  }

  @Test func greedyTokensAreTheReferences() throws {
    let model = try Self.model.get()
    for prompt in try golden() where !prompt.greedy.isEmpty {
      var produced = prompt.tokens
      _ = try Generator(model: model.decoder).generate(
        prompt: prompt.tokens, maxTokens: prompt.greedy.count - prompt.tokens.count
      ) {
        produced.append($0.id)
        return true
      }
      #expect(produced == prompt.greedy)
    }
  }

  @Test func beyondTheWindowPiecesEqualTheWholeUnderAnyPlan() throws {
    let model = try Self.model.get().decoder
    let long = try #require(try golden().map(\.tokens).first { $0.count > 512 })
    let cut = long.count - 5
    // A full layer skipped, a sliding layer skipped, and a layer blended.
    for plan in [DepthPlan.full, try DepthPlan([5: .skip, 9: .skip, 12: .blend(alpha: 0.7)])] {
      var whole = try model.makeContext(capacity: long.count)
      try model.forward(PackedTokens(long), in: &whole, policy: plan)
      var pieces = try model.makeContext(capacity: long.count)
      try model.forward(
        PackedTokens(Array(long[..<cut])), in: &pieces, policy: plan, logits: .none)
      for token in long[cut...] {
        try model.forward(PackedTokens([token]), in: &pieces, policy: plan)
      }
      expectClose(pieces.logits(row: 0), whole.logits(row: 0), tolerance: 5e-3)
    }
  }

  @Test func layersAreFullOrSlidingByTheirOwnIndex() throws {
    let config = try Self.model.get().decoder.config
    let full = config.layers.indices.filter { config.layers[$0].window == nil }
    #expect(full == [5, 11, 17])
    for layer in config.layers.indices {
      let rotary = try #require(config.layers[layer].rotary)
      #expect(config.rotaries[rotary].base == (full.contains(layer) ? 1e6 : 1e4))
    }
  }
}
