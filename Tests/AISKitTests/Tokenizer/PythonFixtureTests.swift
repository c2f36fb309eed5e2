import AISKit
import Foundation
import TestSupport
import Testing

/// Tokenizers that the Python library trained, with its ids of some texts.
///
/// `Tests/Fixtures/tokenizers/make.py` makes them.
@Suite struct PythonFixtureTests {
  static let names = [
    "gpt2", "llama3", "qwen2", "cased", "smollm", "falcon", "prefixed", "llama2",
    "metaspace-first", "metaspace-split", "unfused", "whitespace", "gemma",
  ]

  struct Case: Decodable {
    let text: String
    let ids: [Int32]
    let templated: [Int32]
    let decoded: String
    let whole: String
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    let file = folder.appendingPathComponent("\(name).json")
    return try Tokenizer(tokenizerJSON: [UInt8](Data(contentsOf: file)), file: file.path)
  }

  private static let folder = ReferenceFiles.repository
    .appendingPathComponent("Tests/Fixtures/tokenizers")

  private static func cases(_ name: String) throws -> [Case] {
    let file = folder.appendingPathComponent("\(name).cases.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Case.self, from: Data($0.utf8))
    }
  }

  /// The Python library writes one U+FFFD per invalid byte, Swift one per invalid sequence.
  private static func collapsed(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.reduce(into: []) { scalars, scalar in
      if scalar != "\u{FFFD}" || scalars.last != scalar { scalars.append(scalar) }
    }
  }

  @Test("ids and texts are those of the Python library", arguments: names)
  func agrees(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let cases = try Self.cases(name)
    #expect(cases.count >= 40)
    for entry in cases {
      let text = "\(entry.text.debugDescription)"
      #expect(try tokenizer.encode(entry.text, addBOS: false) == entry.ids, "\(text)")
      let hasOwnBOS = tokenizer.bosID != nil && entry.ids.first == tokenizer.bosID
      let expected = hasOwnBOS ? entry.ids : entry.templated
      #expect(try tokenizer.encode(entry.text) == expected, "\(text)")
      let decoded = Self.collapsed(tokenizer.decode(entry.ids))
      #expect(decoded == Self.collapsed(entry.decoded), "\(text)")
      let whole = Self.collapsed(tokenizer.decode(entry.ids, skipSpecial: false))
      #expect(whole == Self.collapsed(entry.whole), "\(text)")
    }
  }

  @Test("tokens one by one give the text of all at once", arguments: names)
  func streams(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    for entry in try Self.cases(name) {
      var decoder = TokenStreamDecoder(tokenizer, continuesText: false)
      var text = ""
      for id in entry.ids { text += decoder.append(id) }
      text += decoder.finish()
      #expect(Array(text.utf8) == Array(tokenizer.decode(entry.ids).utf8))
    }
  }

  @Test(
    "random text comes back from byte-level tokens",
    arguments: ["gpt2", "llama3", "cased", "falcon"])
  func roundTrips(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      var text = ""
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let ceiling: UInt32 = [0x7F, 0x7FF, 0xFFFF, 0x1F9FF].randomElement(using: &generator) ?? 0
        let value = UInt32.random(in: 0...ceiling, using: &generator)
        if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      }
      #expect(try Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let ids = try tokenizer.encode(bytes: bytes, addBOS: false)
      #expect(ids.flatMap(tokenizer.bytes(of:)) == bytes)
    }
  }

  @Test("a long text without spaces takes no longer than a long text", arguments: names)
  func isNotQuadratic(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    for text in ["abcdefghij", " ", "\n", "é", "9"] {
      let time = try threadTime {
        _ = try tokenizer.encode(String(repeating: text, count: 50_000))
      }
      #expect(time < .seconds(10))
    }
  }
}
