import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct MalformedTokenizerTests {
  private func expectError(_ builder: GGUFBuilder, at place: String) {
    let error = #expect(throws: TokenizerError.self) { try SmallVocabulary.tokenizer(builder) }
    #expect(error?.place.hasPrefix(place) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  private func changed(
    _ builder: GGUFBuilder, _ key: String, _ value: GGUFBuilder.Value?
  ) -> GGUFBuilder {
    var builder = builder
    builder.metadata.removeAll { $0.key == "tokenizer.ggml.\(key)" }
    if let value { builder.set("tokenizer.ggml.\(key)", value) }
    return builder
  }

  @Test("a GGUF vocabulary that contradicts itself is one error at the key")
  func refusesGGUF() {
    let bytePair = SmallVocabulary.bytePair()
    let sentencePiece = SmallVocabulary.sentencePiece()
    expectError(changed(bytePair, "model", nil), at: "tokenizer.ggml.model")
    expectError(changed(bytePair, "model", .string("t5")), at: "tokenizer.ggml.model")
    expectError(changed(bytePair, "pre", .string("nonsense")), at: "tokenizer.ggml.pre")
    expectError(changed(bytePair, "tokens", nil), at: "tokenizer.ggml.tokens")
    expectError(changed(bytePair, "tokens", .strings([])), at: "tokenizer.ggml.tokens")
    expectError(changed(bytePair, "token_type", .int32s([1])), at: "tokenizer.ggml.token_type")
    expectError(changed(bytePair, "merges", nil), at: "tokenizer.ggml.merges")
    for merge in ["h", "", "h 7", "7 h", "a b", "h  e", "é e"] {
      expectError(changed(bytePair, "merges", .strings([merge])), at: "tokenizer.ggml.merges[0]")
    }
    for merge in ["h", "h 7", "h  e", "h o"] {
      expectError(
        changed(SmallVocabulary.characters(), "merges", .strings([merge])),
        at: "tokenizer.ggml.merges[0]")
    }
    expectError(SmallVocabulary.bytePair(tokens: [("he", 1)]), at: "tokenizer.ggml.tokens[37]")
    expectError(changed(sentencePiece, "scores", nil), at: "tokenizer.ggml.scores")
    expectError(changed(sentencePiece, "scores", .float32s([0])), at: "tokenizer.ggml.scores")
    expectError(changed(bytePair, "eos_token_id", .uint32(99)), at: "tokenizer.ggml.eos_token_id")
    expectError(changed(bytePair, "bos_token_id", .int32(-7)), at: "tokenizer.ggml.bos_token_id")
  }

  @Test("the error about an unknown family names it and the known ones")
  func namesFamilies() {
    let builder = changed(SmallVocabulary.bytePair(), "pre", .string("nonsense"))
    let error = #expect(throws: TokenizerError.self) { try SmallVocabulary.tokenizer(builder) }
    #expect(error?.found == "'nonsense'")
    #expect(error?.expected.contains("llama-bpe") == true)
  }

  private func tokenizer(_ json: String) throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: Array(json.utf8))
  }

  private func model(_ vocabulary: String, merges: String = "[]", _ rest: String = "") -> String {
    #"{"model":{"type":"BPE","vocab":\#(vocabulary),"merges":\#(merges)}\#(rest)}"#
  }

  @Test(
    "a tokenizer.json that is wrong or asks for something else is one error at the place",
    arguments: [
      ("", "byte 0"), ("{", "byte 1"), (#"{"a":1,}"#, "byte 7"), ("[1] 2", "byte 4"),
      (#"{"model":{"type":"Unigram","vocab":[["a",0]]}}"#, "model.type"),
      (#"{"model":{"type":"WordPiece","vocab":{}}}"#, "model.type"),
      ("{}", "model"),
      (#"{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}"#, "model.vocab"),
      (#"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#, "model.vocab['a']"),
      (#"{"model":{"type":"BPE","vocab":{"a":1e99},"merges":[]}}"#, "model.vocab['a']"),
      (#"{"model":{"type":"BPE","vocab":{"a":16000000},"merges":[]}}"#, "model.vocab"),
      (#"{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}"#, "model.vocab"),
      (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}"#, "model.merges[0]"),
      (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}"#, "model.merges[0]"),
      (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}"#, "model.merges[0]"),
      (#"{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"u"}}"#, "model.unk_token"),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}}"#,
        "model.end_of_word_suffix"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Precompiled"}}"#,
        "normalizer.type"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Sequence","#
          + #""pretokenizers":[{"type":"Digits"},{"type":"UnicodeScripts"}]}}"#,
        "pre_tokenizer.pretokenizers[1].type"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Split","#
          + #""pattern":{"Regex":"(?<n>a)"},"behavior":"Isolated"}}"#,
        "pre_tokenizer.pattern"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":{"type":"WordPiece"}}"#,
        "decoder.type"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"post_processor":{"type":"Odd"}}"#,
        "post_processor.type"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[{"id":0,"#
          + #""content":"b"}]}"#,
        "model.vocab"
      ),
    ])
  func refusesJSON(_ json: String, _ place: String) {
    let error = #expect(throws: TokenizerError.self) { try tokenizer(json) }
    #expect(error?.place == place, "\(error?.description ?? "")")
  }

  @Test("tokens that differ only in Unicode normalisation are two tokens")
  func keepsEquivalentTokensApart() throws {
    let tokenizer = try tokenizer(
      model(#"{"\u00e9":0,"e":1,"\u0301":2,"e\u0301":3}"#, merges: #"["e \u0301"]"#))
    #expect(try tokenizer.encode("\u{E9}e\u{301}") == [0, 3])
    #expect(tokenizer.id(of: "e\u{301}") == 3)
    #expect(Array(tokenizer.decode([3]).unicodeScalars).count == 2)
  }

  @Test("JSON nested too deep is an error, not a crash")
  func refusesDepth() {
    #expect(throws: TokenizerError.self) {
      try tokenizer(String(repeating: "[", count: 1_000_000))
    }
  }

  @Test("a folder without tokenizer.json says what is there instead")
  func namesOtherFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", as: "config.json")
    try folder.write("x", as: "tokenizer.model")
    let opened = try HuggingFaceFolder(path: folder.url.path, weights: false)
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(huggingFace: opened) }
    #expect(error?.found == "only tokenizer.model")
  }

  @Test("a Hugging Face folder's settings say how texts begin and end")
  func readsFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", as: "config.json")
    let added = ["<s>", "</s>", "<|end|>"].enumerated().map {
      #"{"id":\#($0 + 1),"content":"\#($1)","special":true,"normalized":false}"#
    }
    try folder.write(
      model(#"{"a":0}"#, #","added_tokens":[\#(added.joined(separator: ","))]"#),
      as: "tokenizer.json")
    try folder.write(
      #"{"add_bos_token":true,"bos_token":{"content":"<s>"},"eos_token":"</s>"}"#,
      as: "tokenizer_config.json")
    func open() throws -> Tokenizer {
      try Tokenizer(huggingFace: HuggingFaceFolder(path: folder.url.path, weights: false))
    }
    #expect(try open().encode("a") == [1, 0])
    #expect(try open().endIDs == [2, 3])
    try folder.write(#"{"eos_token_id":[3,0]}"#, as: "generation_config.json")
    #expect(try open().endIDs == [0, 2, 3])
    #expect(try open().eosID == 2)
    try folder.write(#"{"eos_token_id":"x"}"#, as: "generation_config.json")
    #expect(throws: TokenizerError.self) { try open() }
  }

  @Test("changed bytes give an error or a tokenizer that works, never a crash")
  func survivesChangedBytes() throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 11)
    let text = "hello <|end|> é abc\n"
    var opened = 0
    for builder in [
      SmallVocabulary.bytePair(), SmallVocabulary.characters(), SmallVocabulary.sentencePiece(),
    ] {
      let bytes = builder.bytes()
      for _ in 0..<500 {
        do {
          let path = try folder.write(generator.mutated(bytes), as: "vocabulary.gguf")
          let tokenizer = try Tokenizer(gguf: GGUFFile(path: path))
          _ = try tokenizer.decode(tokenizer.encode(text))
          opened += 1
        } catch is any InputError {}
      }
    }
    for name in ["llama3", "gemma", "unfused"] {
      let file = ReferenceFiles.repository
        .appendingPathComponent("Tests/Fixtures/tokenizers/\(name).json")
      let bytes = [UInt8](try Data(contentsOf: file))
      for round in 0..<150 {
        // The first kilobytes are the settings. Most of the rest is vocabulary.
        var changed = Array(bytes.prefix(round % 2 == 0 ? 2500 : bytes.count))
        changed = generator.mutated(changed) + bytes.dropFirst(changed.count)
        do {
          let tokenizer = try Tokenizer(tokenizerJSON: changed)
          _ = try tokenizer.decode(tokenizer.encode(text))
          opened += 1
        } catch is any InputError {}
      }
    }
    #expect(opened > 100)
  }
}
