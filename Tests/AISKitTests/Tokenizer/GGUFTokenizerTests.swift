import AISKit
import Foundation
import TestSupport
import Testing

/// Tokenizers with vocabularies small enough to check by hand.
enum SmallVocabulary {
  static let control: Int32 = 3

  /// Byte-level: letters, a few merges, special tokens; `Ġ` spells a space.
  static func bytePair(
    tokens extra: [(String, Int32)] = [], merges: [String] = ["h e", "l l", "he ll", "Ġ hell"]
  ) -> GGUFBuilder {
    var tokens: [(String, Int32)] = "abcdefghijklmnopqrstuvwxyz<>|_Ġ".map { (String($0), 1) }
    tokens += [("he", 1), ("ll", 1), ("hell", 1), ("Ġhell", 1)]
    tokens += [("<|end|>", control), ("<tool>", 4)] + extra
    var builder = GGUFBuilder()
    builder.set("general.architecture", .string("llama"))
    builder.set("tokenizer.ggml.model", .string("gpt2"))
    builder.set("tokenizer.ggml.pre", .string("gpt-2"))
    builder.set("tokenizer.ggml.tokens", .strings(tokens.map(\.0)))
    builder.set("tokenizer.ggml.token_type", .int32s(tokens.map(\.1)))
    builder.set("tokenizer.ggml.merges", .strings(merges))
    return builder
  }

  /// SentencePiece: `<unk> <s> </s>`, byte tokens, letters, and pieces with scores.
  static func sentencePiece() -> GGUFBuilder {
    var tokens: [(String, Int32, Float)] = [
      ("<unk>", 2, 0), ("<s>", control, 0), ("</s>", control, 0),
    ]
    tokens += bytes.map { ($0, 6, 0) }
    tokens += ["▁", "a", "b", "c", "s", "<", ">"].map { ($0, 1, -100) }
    tokens += [("ab", 1, -3), ("bc", 1, -2), ("▁a", 1, -4), ("abc", 1, -9), ("<tool>", 4, 0)]
    var builder = GGUFBuilder()
    builder.set("tokenizer.ggml.model", .string("llama"))
    builder.set("tokenizer.ggml.tokens", .strings(tokens.map(\.0)))
    builder.set("tokenizer.ggml.token_type", .int32s(tokens.map(\.1)))
    builder.set("tokenizer.ggml.scores", .float32s(tokens.map(\.2)))
    return builder
  }

  /// BPE of characters: `<eos> <bos> <unk>`, byte tokens, letters, merges; `▁` spells a space.
  static func characters(model: String = "gemma4", pre: String? = nil) -> GGUFBuilder {
    var tokens: [(String, Int32)] = ["<eos>", "<bos>", "<unk>"].map { ($0, control) }
    tokens += bytes.map { ($0, 6) }
    tokens += ["▁", "\n", "h", "e", "l", "o"].map { ($0, 1) }
    tokens += ["he", "ll", "hell", "▁hell", "\n\n", "o\n", "o▁"].map { ($0, 1) }
    tokens += [("<|tool_response>", 4)]
    var builder = GGUFBuilder()
    builder.set("tokenizer.ggml.model", .string(model))
    if let pre { builder.set("tokenizer.ggml.pre", .string(pre)) }
    builder.set("tokenizer.ggml.tokens", .strings(tokens.map(\.0)))
    builder.set("tokenizer.ggml.token_type", .int32s(tokens.map(\.1)))
    builder.set(
      "tokenizer.ggml.merges",
      .strings(["h e", "l l", "he ll", "▁ hell", "\n \n", "o \n", "o ▁"]))
    builder.set("tokenizer.ggml.bos_token_id", .uint32(1))
    return builder
  }

  /// The spellings of all byte tokens.
  private static let bytes = (0..<256).map { byte in
    let hex = String(byte, radix: 16, uppercase: true)
    return "<0x\(hex.count == 1 ? "0" : "")\(hex)>"
  }

  static func tokenizer(_ builder: GGUFBuilder) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    return try Tokenizer(gguf: GGUFFile(path: folder.write(builder.bytes(), as: "vocabulary.gguf")))
  }
}

@Suite struct GGUFTokenizerTests {
  private func pieces(_ tokenizer: Tokenizer, _ ids: [Int32]) -> [String] {
    ids.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
  }

  @Test("merges apply by rank and inside words")
  func mergesByRank() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.bytePair())
    #expect(try pieces(tokenizer, tokenizer.encode("hello hell")) == ["hell", "o", " hell"])
    #expect(try tokenizer.id(of: "Ġhell") == tokenizer.encode(" hell").first)
    #expect(tokenizer.id(of: "nothing") == nil)
  }

  @Test("bytes without a token are left out, as the model's own library does")
  func leavesOutUnknownBytes() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.bytePair())
    #expect(try pieces(tokenizer, tokenizer.encode("aéb")) == ["a", "b"])
  }

  @Test("control tokens are parsed on request, added tokens always")
  func parsesSpecial() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.bytePair())
    let text = "a<|end|><tool>b"
    #expect(try pieces(tokenizer, tokenizer.encode(text)) == ["a", "<|end|>", "<tool>", "b"])
    let plain = try tokenizer.encode(text, parseSpecial: false)
    #expect(pieces(tokenizer, plain) == ["a", "<", "|", "e", "n", "d", "|", ">", "<tool>", "b"])
    #expect(try tokenizer.decode(tokenizer.encode(text)) == "a<tool>b")
    #expect(try tokenizer.decode(tokenizer.encode(text), skipSpecial: false) == text)
  }

  @Test("a text begins with BOS once, however it is asked for")
  func beginsOnce() throws {
    var builder = SmallVocabulary.bytePair(tokens: [("<|begin|>", SmallVocabulary.control)])
    builder.set("tokenizer.ggml.bos_token_id", .uint32(37))
    let silent = try SmallVocabulary.tokenizer(builder)
    #expect(silent.bosID == 37)
    #expect(!silent.addsBOS)
    #expect(try silent.encode("a") == [0])
    #expect(try silent.encode("a", addBOS: true) == [37, 0])
    builder.set("tokenizer.ggml.add_bos_token", .bool(true))
    let adding = try SmallVocabulary.tokenizer(builder)
    #expect(try adding.encode("a") == [37, 0])
    #expect(try adding.encode("<|begin|>a") == [37, 0])
    #expect(try adding.encode("<|begin|>a", addBOS: false) == [37, 0])
    #expect(try adding.encode("") == [37])
  }

  @Test("families that begin with BOS do so without being told")
  func familyDefaults() throws {
    var builder = SmallVocabulary.bytePair()
    builder.metadata[2].value = .string("llama-bpe")
    builder.set("tokenizer.ggml.bos_token_id", .uint32(35))
    let tokenizer = try SmallVocabulary.tokenizer(builder)
    #expect(tokenizer.addsBOS)
    // Words that are tokens need no merges. In other words merges apply.
    #expect(try tokenizer.encode("hell", addBOS: false) == [33])
  }

  @Test("every token that ends a turn is known")
  func knowsEnds() throws {
    var builder = SmallVocabulary.bytePair(tokens: [
      ("<|eot_id|>", SmallVocabulary.control), ("<|other|>", SmallVocabulary.control),
    ])
    builder.set("tokenizer.ggml.eos_token_id", .uint32(0))
    builder.set("tokenizer.ggml.eom_token_id", .uint32(38))
    let tokenizer = try SmallVocabulary.tokenizer(builder)
    #expect(tokenizer.eosID == 0)
    // eos, `<|end|>` and `<|eot_id|>` by name, eom by key.
    #expect(tokenizer.endIDs == [0, 35, 37, 38])
  }

  @Test("merges of characters cross spaces but not line ends, and unknown text becomes bytes")
  func mergesCharacters() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.characters())
    func split(_ text: String) throws -> [String] {
      try pieces(tokenizer, tokenizer.encode(text, addBOS: false))
    }
    #expect(try split("hello  hell") == ["hell", "o ", " hell"])
    #expect(try split("o\n\n\nhe") == ["o", "\n\n", "\n", "he"])
    #expect(try tokenizer.id(of: "▁hell") == tokenizer.encode(" hell", addBOS: false).first)
    // Byte tokens begin after the three special ones; spelled out they are text like any other.
    #expect(try tokenizer.encode("é", addBOS: false) == [198, 172])
    #expect(try tokenizer.encode("<0x68>", addBOS: false).count == 6)
    for text in ["", " hello  hell\n\n\n o é", "<0x68>", "▁", "\n "] {
      let back = text == "▁" ? " " : text
      #expect(try tokenizer.decode(tokenizer.encode(text)) == back)
    }
    #expect(tokenizer.endIDs.contains(try #require(tokenizer.id(of: "<|tool_response>"))))
  }

  @Test("Gemma 4's texts begin with BOS, and any file may name its way of splitting")
  func namesCharacterFamilies() throws {
    var builder = SmallVocabulary.characters()
    builder.set("tokenizer.ggml.add_bos_token", .bool(false))
    #expect(try SmallVocabulary.tokenizer(builder).encode("he") == [1, 265])
    for (pre, ids) in [("gemma4", [1, 265] as [Int32]), ("sarvam-moe", [265])] {
      let named = SmallVocabulary.characters(model: "gpt2", pre: pre)
      #expect(try SmallVocabulary.tokenizer(named).encode("he") == ids)
    }
    builder.metadata.removeAll { $0.key == "tokenizer.ggml.token_type" }
    let untyped = try SmallVocabulary.tokenizer(builder)
    #expect(try untyped.decode(untyped.encode("é he", addBOS: false)) == "é he")
  }

  @Test("the pair with the highest score merges first, and unknown text becomes bytes")
  func mergesByScore() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.sentencePiece())
    #expect(tokenizer.addsBOS)
    #expect(tokenizer.bosID == 1)
    #expect(tokenizer.eosID == 2)
    let ids = try tokenizer.encode("abc é", addBOS: false)
    #expect(pieces(tokenizer, ids).prefix(3) == [" a", "bc", " "])
    // Byte tokens begin after the three special ones.
    #expect(Array(ids.suffix(2)) == [198, 172])
    #expect(tokenizer.decode(ids) == "abc é")
    #expect(try tokenizer.encode("").elementsEqual([1]))
  }

  @Test("each text after an added token gets its own leading space, where the file wants any")
  func prefixesSpaces() throws {
    var builder = SmallVocabulary.sentencePiece()
    let prefixing = try SmallVocabulary.tokenizer(builder)
    #expect(try pieces(prefixing, prefixing.encode("a<s>a", addBOS: false)) == [" a", "<s>", " a"])
    #expect(try pieces(prefixing, prefixing.encode("<tool>a", addBOS: false)) == ["<tool>", " a"])
    builder.set("tokenizer.ggml.add_space_prefix", .bool(false))
    let plain = try SmallVocabulary.tokenizer(builder)
    #expect(try pieces(plain, plain.encode("a<s>a", addBOS: false)) == ["a", "<s>", "a"])
    #expect(try plain.decode(plain.encode(" a")) == " a")
  }

  @Test("generated text keeps the space that separates it from the prompt")
  func continuesText() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.sentencePiece())
    let id = try #require(tokenizer.id(of: "▁a"))
    #expect(tokenizer.decode([id, id]) == "a a")
    var decoder = TokenStreamDecoder(tokenizer)
    #expect(decoder.append(id) == " a")
  }

  @Test("ids outside the vocabulary decode to nothing")
  func ignoresForeignIDs() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.bytePair())
    #expect(tokenizer.decode([-1, 0, 99_999, .max, .min]) == "a")
    #expect(tokenizer.bytes(of: -1).isEmpty)
    #expect(!tokenizer.isSpecial(99_999))
  }

  @Test("characters are held back until they are complete")
  func holdsBack() throws {
    let tokenizer = try SmallVocabulary.tokenizer(SmallVocabulary.sentencePiece())
    func stream(_ bytes: [UInt8]) -> [String] {
      var decoder = TokenStreamDecoder(tokenizer)
      return bytes.map { decoder.append(Int32($0) + 3) } + [decoder.finish()]
    }
    #expect(stream([0xF0, 0x9F, 0x98, 0x80]) == ["", "", "", "😀", ""])
    #expect(stream([0xE2, 0x82]) == ["", "", "\u{FFFD}"])
    #expect(stream([0xE2, 0x41]) == ["", "\u{FFFD}A", ""])
    #expect(stream([0xC0, 0x41]) == ["\u{FFFD}", "A", ""])
    var generator = SeededGenerator(seed: 3)
    let alphabet: [UInt8] = [
      0x41, 0x80, 0x9F, 0xA0, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xFF,
    ]
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      let streamed = stream(bytes).joined()
      let whole = String(decoding: bytes, as: UTF8.self)
      #expect(Array(streamed.utf8) == Array(whole.utf8))
    }
  }
}
