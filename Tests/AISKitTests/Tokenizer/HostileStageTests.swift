import AISKit
import Foundation
import TestSupport
import Testing

@Suite("What the stages of a tokenizer's file may cost")
struct HostileStageTests {
  private func tokenizer(
    _ stages: String, added: String = "[]", vocabulary: String = #"{"a": 0, "b": 1}"#
  ) throws -> Tokenizer {
    let json = """
      {"added_tokens": \(added), \(stages),
       "model": {"type": "BPE", "vocab": \(vocabulary), "merges": []}}
      """
    return try Tokenizer(tokenizerJSON: Array(json.utf8))
  }

  private func refusal(_ place: String, _ open: () throws -> Void) {
    let error = #expect(throws: TokenizerError.self, performing: open)
    #expect(error?.place.hasPrefix(place) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  private static let marks = String(repeating: "\u{301}\u{316}", count: 20_000)

  @Test(
    "normal forms of long runs of marks take linear time",
    arguments: ["NFC", "NFD", "NFKC", "NFKD"])
  func longRuns(_ form: String) throws {
    let normalizer = #""normalizer": {"type": "\#(form)"}"#
    let vocabulary = #"{"\u0301": 0, "\u0316": 1, "a": 2, "\u00e1": 3, "\u3099": 4}"#
    let tokenizer = try tokenizer(normalizer, vocabulary: vocabulary)
    let below = [Int32](repeating: 1, count: 20_000)
    let above = [Int32](repeating: 0, count: 20_000)
    let time = try threadTime {
      let ids = try tokenizer.encode("a" + Self.marks)
      // In composed form, the first mark above is part of the letter.
      let composed = [3] + below + above.dropFirst()
      #expect(ids == (form.hasSuffix("C") ? composed : [2] + below + above))
      if form.contains("K") {
        // Sound marks of half width become combining ones.
        let sounds = String(repeating: "\u{FF9E}\u{301}", count: 20_000)
        #expect(try tokenizer.encode(sounds) == [Int32](repeating: 4, count: 20_000) + above)
      }
    }
    #expect(time < .seconds(5))
  }

  @Test("scalars that decompose to marks alone are ordered as Unicode says, however many they are")
  func decomposing() throws {
    let odd = "\u{F73}\u{344}\u{F75}\u{316}\u{F81}\u{F74}\u{1D165}"
    for form in ["NFC", "NFD", "NFKC", "NFKD"] {
      let tokenizer = try tokenizer(
        #""normalizer": {"type": "\#(form)"}"#,
        vocabulary: #"{"\u0f71": 0, "\u0f72": 1, "\u0f80": 2, "\u0f74": 3, "\ud834\udd65": 4, "#
          + #""\u0316": 5, "\u0308": 6, "\u0301": 7}"#)
      for count in [1, 30] {
        // Classes 129, 130, 132, 216, 220 and 230; within a class in their original order.
        let classes: [[Int32]] = [[0, 0, 0], [1, 2], [3, 3], [4], [5], [6, 7]]
        let expected = classes.flatMap { marks in (0..<count).flatMap { _ in marks } }
        #expect(try tokenizer.encode("q" + String(repeating: odd, count: count)) == expected)
      }
    }
  }

  @Test("no other starter decomposes to marks alone")
  func starters() {
    let known: Set<UInt32> = [0xF73, 0xF75, 0xF81, 0xFF9E, 0xFF9F]
    for value in UInt32(0x300)...0x1_FFFF where !known.contains(value) {
      guard let scalar = Unicode.Scalar(value),
        scalar.properties.canonicalCombiningClass == .notReordered,
        !(0xAC00...0xD7A3).contains(value)
      else { continue }
      let first = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars.first
      #expect(first?.properties.canonicalCombiningClass == .notReordered, "\(value)")
    }
  }

  @Test("normalised added tokens are together at most a multiple of what the file has")
  func normalizedTokens() {
    let added = (2..<3_000).map { #"{"id": \#($0), "content": "<\#($0)>", "normalized": true}"# }
    let prefix = String(repeating: "x", count: 60_000)
    refusal("normalizer (Prepend)") {
      _ = try tokenizer(
        #""normalizer": {"type": "Prepend", "prepend": "\#(prefix)"}"#,
        added: "[\(added.joined(separator: ","))]")
    }
  }

  @Test(
    "more stages than any published tokenizer has are refused",
    arguments: [
      ("normalizer", "normalizers", "NFC"), ("pre_tokenizer", "pretokenizers", "ByteLevel"),
      ("decoder", "decoders", "Fuse"),
    ])
  func manyStages(_ key: String, _ list: String, _ type: String) throws {
    func sequence(_ count: Int) -> String {
      let parts = Array(repeating: #"{"type": "\#(type)"}"#, count: count)
      return #"{"type": "Sequence", "\#(list)": [\#(parts.joined(separator: ","))]}"#
    }
    _ = try tokenizer(#""\#(key)": \#(sequence(32))"#)
    refusal("\(key).\(list)[32]") { _ = try tokenizer(#""\#(key)": \#(sequence(100_000))"#) }
    let nested = #"{"type": "Sequence", "\#(list)": [\#(sequence(20)), \#(sequence(20))]}"#
    refusal("\(key).\(list)[1].\(list)[12]") { _ = try tokenizer(#""\#(key)": \#(nested)"#) }
  }

  @Test("a template names a few tokens of the vocabulary, found without a search for each")
  func templates() throws {
    func template(_ count: Int, id: Int = 1) -> String {
      let single = (0..<count).map { #"{"SpecialToken": {"id": "t\#($0)"}}"# }
      let tokens = (0..<count).map { #""t\#($0)": {"ids": [\#(id)]}"# }
      return #""post_processor": {"type": "TemplateProcessing", "single": ["#
        + single.joined(separator: ",") + #"], "special_tokens": {"#
        + tokens.joined(separator: ",") + "}}"
    }
    #expect(try tokenizer(template(2)).encode("a") == [1, 1, 0])
    refusal("post_processor.single") { _ = try tokenizer(template(20_000)) }
    refusal("post_processor.special_tokens") { _ = try tokenizer(template(1, id: 2)) }
  }

  @Test("tokens longer than any published one are refused, wherever they are")
  func longTokens() {
    let long = String(repeating: "a", count: 1 << 17)
    refusal("model.vocab[id 1]") {
      _ = try tokenizer(#""decoder": null"#, vocabulary: #"{"a": 0, "\#(long)": 1}"#)
    }
    refusal("added_tokens[0]") {
      _ = try tokenizer(#""decoder": null"#, added: #"[{"id": 2, "content": "\#(long)"}]"#)
    }
    refusal("tokenizer.ggml.tokens[") {
      _ = try SmallVocabulary.tokenizer(SmallVocabulary.bytePair(tokens: [(long, 1)]))
    }
  }

  @Test("a decoder's replacement is linear in a token's length, and takes the leftmost matches")
  func replacing() throws {
    let old = String(repeating: "a", count: 1_000) + "b"
    let token = String(repeating: "a", count: 65_000)
    let step = #"{"type": "Replace", "pattern": {"String": "\#(old)"}, "content": "c"}"#
    let steps = Array(repeating: step, count: 30).joined(separator: ",")
    let tokenizer = try tokenizer(
      #""decoder": {"type": "Sequence", "decoders": [\#(steps)]}"#,
      vocabulary: #"{"\#(token)": 0, "x\#(old)y\#(old)": 1}"#)
    let start = ContinuousClock.now
    #expect(tokenizer.decode([0]) == token)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(tokenizer.decode([1]) == "xcyc")
    let overlapping = try self.tokenizer(
      #""decoder": {"type": "Replace", "pattern": {"String": "aab"}, "content": "-"}"#,
      vocabulary: #"{"aaabaabaa": 0, "aabaab": 1}"#)
    #expect(overlapping.decode([0]) == "a--aa" && overlapping.decode([1]) == "--")
  }

  @Test("a word that rewriting makes is at most as long as merging can take")
  func longWords() throws {
    let content = String(repeating: "a", count: 15)
    let tokenizer = try tokenizer(
      #""normalizer": {"type": "Replace", "pattern": {"String": "a"}, "content": "\#(content)"}"#)
    #expect(try tokenizer.encode("aa").count == 30)
    let error = #expect(throws: TokenizerError.self) {
      try tokenizer.encode(String(repeating: "a", count: 200_000))
    }
    #expect(error?.expected == "words of at most \(1 << 20) bytes in a text of 200000")
    let plain = try self.tokenizer(#""normalizer": null"#)
    #expect(try plain.encode(String(repeating: "a", count: 1 << 20)).count == 1 << 20)
  }

  @Test("a class pays for every part that a look-up goes through")
  func classes() throws {
    let words = "[" + String(repeating: #"\\w"#, count: 32_000) + "]+"
    let split = #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\#(words)"}}"#
    let text = String(repeating: "\u{2603}", count: 2_000)
    let start = ContinuousClock.now
    _ = try tokenizer(split).encode(text)
    #expect(ContinuousClock.now - start < .seconds(10))
    let nested = "[" + String(repeating: #"[^\\w\\S]"#, count: 4_000) + "]"
    let inverted = #""pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\#(nested)"}}"#
    refusal("pre_tokenizer") { _ = try tokenizer(inverted).encode(text + text) }
  }
}
