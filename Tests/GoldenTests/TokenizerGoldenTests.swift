import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct TokenizerGoldenTests {
  @Test(
    "each vocabulary of llama.cpp's test suite gives its ids",
    .enabled(if: ReferenceFiles.exist),
    arguments: ["gpt-2", "llama-bpe", "llama-spm", "qwen2", "starcoder"])
  func matchesLlamaCpp(_ name: String) throws {
    let folder = try #require(ReferenceFiles.golden).appendingPathComponent("tokenizers")
    let path = folder.appendingPathComponent("ggml-vocab-\(name).gguf").path
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: path))
    let inputs = try String(contentsOfFile: path + ".inp", encoding: .utf8)
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let outputs = try String(contentsOfFile: path + ".out", encoding: .utf8)
      .components(separatedBy: "\n")
    #expect(inputs.count > 40)
    for (input, output) in zip(inputs, outputs) {
      let expected = output.split(separator: " ").compactMap { Int32($0) }
      let ids = try tokenizer.encode(input, addBOS: false, parseSpecial: false)
      #expect(ids == expected, "\(input.debugDescription)")
      #expect(tokenizer.decode(ids) == input)
    }
  }

  private struct Tokens: Decodable {
    struct Text: Decodable {
      let text: String
      let ids: [Int32]
    }
    let tokenize: [Text]
    let chat: [Text]
  }

  @Test(
    "the default model's ids are those of its own library",
    .enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent))
  func matchesDefaultModel() throws {
    let url = try #require(ReferenceFiles.golden)
      .appendingPathComponent("smollm2/tokens.json")
    let golden = try JSONDecoder().decode(Tokens.self, from: Data(contentsOf: url))
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: CachedModel.standard.path))
    #expect(golden.tokenize.count >= 20)
    for entry in golden.tokenize + golden.chat {
      #expect(try tokenizer.encode(entry.text) == entry.ids, "\(entry.text.debugDescription)")
      #expect(tokenizer.decode(entry.ids, skipSpecial: false) == entry.text)
    }
  }

  @Test(
    "the default model begins with no BOS and ends at its turn marker",
    .enabled(if: CachedModel.standard.isPresent))
  func knowsSpecialTokens() throws {
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: CachedModel.standard.path))
    #expect(tokenizer.vocabularyCount == 49152)
    #expect(tokenizer.addsBOS == false)
    #expect(tokenizer.bosID == 1)
    #expect(tokenizer.eosID == 2)
    #expect(tokenizer.endIDs.isSuperset(of: [0, 2]))
    #expect(tokenizer.id(of: "<|im_end|>") == 2)
    #expect(try tokenizer.encode("a<|im_end|>", parseSpecial: false).contains(2) == false)
    #expect(tokenizer.decode([1, 19556, 2]) == "Hello")
  }

  @Test(
    "any bytes come back from the default model's tokens",
    .enabled(if: CachedModel.standard.isPresent))
  func roundTripsBytes() throws {
    let tokenizer = try Tokenizer(gguf: GGUFFile(path: CachedModel.standard.path))
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let length = Int.random(in: 0..<200, using: &generator)
      // The vocabulary has no tokens for a few bytes that don't occur in valid text.
      let bytes = try (0..<length).map { _ in
        Bool.random() ? UInt8.random(in: 0...255) : UInt8.random(in: 32...126)
      }.filter { try !tokenizer.encode(bytes: [$0]).isEmpty }
      let ids = try tokenizer.encode(bytes: bytes, parseSpecial: false)
      #expect(ids.flatMap(tokenizer.bytes(of:)) == bytes)
      #expect(tokenizer.decode(ids) == String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test(
    "opening and encoding are fast enough not to be noticed",
    .enabled(if: ReferenceFiles.exist && CachedModel.standard.isPresent))
  func isFast() throws {
    let vocabularies = try #require(ReferenceFiles.golden).appendingPathComponent("tokenizers")
    let large = vocabularies.appendingPathComponent("ggml-vocab-llama-bpe.gguf")
    let clock = ContinuousClock()
    // Ten times what a quiet machine takes.
    for (url, limit) in [(URL(fileURLWithPath: CachedModel.standard.path), 0.3), (large, 1.5)] {
      let file = try GGUFFile(path: url.path)
      var tokenizer: Tokenizer?
      let opening = try clock.measure { tokenizer = try Tokenizer(gguf: file) }
      #expect(opening < .seconds(limit))
      let encoder = try #require(tokenizer)
      let text = (0..<60_000).map { "The \($0)th word's neighbour; " }.joined()
      let encoding = try clock.measure { _ = try encoder.encode(text) }
      #expect(Double(text.utf8.count) / (encoding / .seconds(1)) > 0.5e6)
      let word = String(repeating: "abcdefghij", count: 10_000)
      #expect(try clock.measure { _ = try encoder.encode(word) } < .seconds(2))
    }
  }
}
