import AISKit
import Foundation
import TestSupport
import Testing

@Suite("What encoding a text may cost")
struct EncodingBudgetTests {
  /// A tokenizer of the letters a to c and the characters of the byte-level alphabet's space.
  private func tokenizer(_ stages: String, added: String = "[]") throws -> Tokenizer {
    let json = """
      {"added_tokens": \(added), \(stages),
       "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "\u{120}": 3, "<unk>": 4},
                 "merges": [], "unk_token": "<unk>"}}
      """
    return try Tokenizer(tokenizerJSON: Array(json.utf8), file: "folder/tokenizer.json")
  }

  private func refusal(_ tokenizer: Tokenizer, _ text: String, at place: String) throws {
    let error = try #require(
      throws: TokenizerError.self, performing: { _ = try tokenizer.encode(text) })
    #expect(error.file == "folder/tokenizer.json")
    #expect(error.place.hasPrefix(place), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  private func sequence(_ kind: String, _ key: String, _ parts: [String]) -> String {
    #""\#(kind)": {"type": "Sequence", "\#(key)": [\#(parts.joined(separator: ","))]}"#
  }

  @Test("replacements that multiply a text are refused at the step that goes too far")
  func growth() throws {
    let times = String(repeating: "a", count: 3_000)
    let replace =
      #"{"type": "Replace", "pattern": {"String": "a"}, "content": "\#(times)"}"#
    let many = sequence("normalizer", "normalizers", Array(repeating: replace, count: 6))
    try refusal(try tokenizer(many), "a", at: "normalizer.normalizers[1] (Replace)")
    let empty = #"{"type": "Replace", "pattern": {"Regex": "x*"}, "content": "\#(times)"}"#
    let between = sequence("normalizer", "normalizers", [empty, empty])
    try refusal(try tokenizer(between), "b", at: "normalizer.normalizers[1] (Replace)")
    let prepend = #"{"type": "Prepend", "prepend": "\#(times)"}"#
    let prefixes = sequence("normalizer", "normalizers", Array(repeating: prepend, count: 30))
    try refusal(try tokenizer(prefixes), "b", at: "normalizer.normalizers[21] (Prepend)")
    // U+FDFA has 18 characters in its compatibility form, and each of its spaces can become more
    // characters.
    let spaces = #"{"type": "Replace", "pattern": {"String": " "}, "content": "\#(times)"}"#
    let unicode = sequence(
      "normalizer", "normalizers", [#"{"type": "NFKD"}"#, spaces])
    try refusal(
      try tokenizer(unicode), String(repeating: "\u{FDFA}", count: 100),
      at: "normalizer.normalizers[1] (Replace)")
    let spelled = sequence(
      "normalizer", "normalizers", Array(repeating: #"{"type": "ByteLevel"}"#, count: 20))
    try refusal(
      try tokenizer(spelled), String(repeating: "\u{E9}", count: 100), at: "normalizer.normalizers["
    )
  }

  @Test("pre-tokenizers that multiply a text are refused too")
  func growingPieces() throws {
    let split = #"{"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated"}"#
    let mark = #"{"type": "Metaspace", "replacement": "b", "prepend_scheme": "always"}"#
    let other = #"{"type": "Metaspace", "replacement": "c", "prepend_scheme": "always"}"#
    let parts = (0..<8).flatMap { _ in [split, mark, split, other] }
    try refusal(
      try tokenizer(sequence("pre_tokenizer", "pretokenizers", parts)),
      String(repeating: "a", count: 100),
      at: "pre_tokenizer.pretokenizers[")
    let spelled = Array(repeating: #"{"type": "ByteLevel", "use_regex": false}"#, count: 30)
    try refusal(
      try tokenizer(sequence("pre_tokenizer", "pretokenizers", spelled)), "\u{E9}",
      at: "pre_tokenizer.pretokenizers[")
    #expect(throws: TokenizerError.self) {
      try tokenizer(#""pre_tokenizer": {"type": "Metaspace", "replacement": ""}"#)
    }
  }

  @Test("decoders that could multiply a token's text are refused when they are read")
  func decoders() throws {
    let times = String(repeating: "a", count: 12)
    let replace = #"{"type": "Replace", "pattern": {"String": "a"}, "content": "\#(times)"}"#
    _ = try tokenizer(sequence("decoder", "decoders", [replace]))
    let error = #expect(throws: TokenizerError.self) {
      try tokenizer(sequence("decoder", "decoders", [replace, replace]))
    }
    #expect(error?.place == "decoder.decoders[1]")
    let shrinking = #"{"type": "Replace", "pattern": {"String": "aa"}, "content": "b"}"#
    #expect(throws: TokenizerError.self) {
      try tokenizer(sequence("decoder", "decoders", Array(repeating: shrinking, count: 40)))
    }
  }

  @Test(
    "patterns that try every way are refused after a number of steps in all",
    arguments: [
      "(?:a|aa)+x", "(?:a|a)+x", "(?:a+?)+?x", "a*a*a*a*a*x",
      "(?=(?:a|aa)+x)a", "(?!(?:a|aa)+x)a", "(?>(?:a|aa)+x)|b", "(?:a{1,32}a{1,32}){1,32}x",
    ])
  func patterns(_ pattern: String) throws {
    let text = String(repeating: "a", count: 1_000)
    #expect(throws: TokenizerError.self) { try PreTokenizer.words(of: text, pattern: pattern) }
    let regex = #"{"Regex": "\#(pattern)"}"#
    let split = #""pre_tokenizer": {"type": "Split", "pattern": \#(regex)}"#
    try refusal(try tokenizer(split), text, at: "pre_tokenizer (Split)")
  }

  @Test("a text has one budget, whatever runs patterns and however it is cut")
  func oneBudget() throws {
    let regex = #"{"Regex": "(?:a|aa)+x"}"#
    let replace = #""normalizer": {"type": "Replace", "pattern": \#(regex), "content": "b"}"#
    try refusal(
      try tokenizer(replace), String(repeating: "a", count: 1_000), at: "normalizer (Replace)")
    let split = #""pre_tokenizer": {"type": "Split", "pattern": \#(regex)}"#
    let added = #"[{"id": 5, "content": "<s>", "special": true}]"#
    // A stretch alone takes some thousand steps.
    let stretch = String(repeating: "a", count: 15)
    _ = try tokenizer(split, added: added).encode(stretch)
    let stretches = Array(repeating: stretch, count: 2_500).joined(separator: "<s>")
    try refusal(try tokenizer(split, added: added), stretches, at: "pre_tokenizer (Split)")
  }

  @Test("added tokens of every length cost what is read of the text")
  func addedTokens() throws {
    let tokens = (10..<1_500).map { length in
      #"{"id": \#(length), "content": "\#(String(repeating: "a", count: length))b"}"#
    }
    let many = "[\(tokens.joined(separator: ","))]"
    try refusal(
      try tokenizer(#""normalizer": null"#, added: many), String(repeating: "a", count: 5_000),
      at: "added tokens")
  }

  @Test(
    "patterns that would take long to compile, or the stack, are refused",
    arguments: [
      "a" + String(repeating: "{1}", count: 20_000), String(repeating: "[", count: 60_000),
      String(repeating: "(", count: 60_000),
      "(?i)" + String(repeating: #"[\x{0}-\x{FFF}]"#, count: 4_000),
      "(?:(?:[\(String(repeating: #"\x{3000}"#, count: 2_000))]x){64}){16}",
    ])
  func compiling(_ pattern: String) {
    let escaped = pattern.replacing(#"\"#, with: #"\\"#)
    let split = #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\#(escaped)"}}"#
    let error = #expect(throws: TokenizerError.self) { try tokenizer(split) }
    #expect(error?.place == "pre_tokenizer.pattern")
    #expect(error?.expected.contains("at most") == true, "\(error?.description ?? "")")
  }

  @Test("the families' patterns take a fraction of what a text may cost, whatever the text")
  func realPatterns() throws {
    let prose = String(
      repeating: "The quick brown fox's 1,234 jumps — naïve 日本語テスト، مرحبا! \r\n\n  x = [1];\t",
      count: 20)
    let runs = ["a", "A", " ", "\n", "\t", "!", "é", "日", "x ", " \n", "'s", "\u{301}", "👩‍👩‍👧"]
    let texts = [prose] + runs.map { String(repeating: $0, count: 1_000) }
    for family in ["gpt-2", "llama-bpe", "qwen2", "qwen35", "tekken", "gpt-4o", "deepseek-v3"] {
      for text in texts {
        let words = try #require(try PreTokenizer.words(of: text, family: family, stepsPerByte: 16))
        #expect(words.joined().utf8.count == text.utf8.count, "\(family) \(text.prefix(4))")
      }
    }
  }

  @Test("a megabyte of text, or of one letter, space or line end, is split whole")
  func megabyte() throws {
    let line = "It's 1,234 steps from here; naïve, isn't it?  日本語\r\n"
    let texts =
      ["a", " ", "\n"].map { String(repeating: $0, count: 1 << 20) }
      + [String(repeating: line, count: (1 << 20) / line.utf8.count)]
    for text in texts {
      let words = try #require(try PreTokenizer.words(of: text, family: "llama-bpe"))
      #expect(words.joined().utf8.count == text.utf8.count)
    }
  }
}
