import AISKit
import Foundation
import TestSupport
import Testing

/// Names and texts with long runs of combining marks.
///
/// Swift compares those in quadratic time.
@Suite struct CombiningMarkTests {
  private static let marks = "a" + String(repeating: "\u{301}\u{316}", count: 10_000)
  private static let escaped = "a" + String(repeating: #"\u0301\u0316"#, count: 10_000)

  private func refusal(_ open: () throws -> Void) {
    let time = threadTime {
      do {
        try open()
        Issue.record("it was read")
      } catch let error as any InputError {
        #expect(error.description.contains("64 combining marks"), "\(error)")
        #expect(!error.description.contains("\n"))
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(time < .seconds(2))
  }

  private func section(_ text: String, allowsAnyText: Bool = false) throws -> JSONSection {
    try Array(text.utf8).withUnsafeBytes {
      try JSONSection(parsing: $0, file: "config.json", allowsAnyText: allowsAnyText)
    }
  }

  @Test func jsonRefusesThemInNamesAndValues() {
    for marks in [Self.marks, Self.escaped, "\u{F73}" + String(repeating: "\u{F75}", count: 99)] {
      refusal { _ = try section(#"{"model_type": "\#(marks)"}"#) }
      refusal { _ = try section(#"{"list": [{"x": "\#(marks)"}]}"#) }
      refusal { _ = try section(#"{"\#(marks)": 1}"#) }
      refusal { _ = try section(#"{"\#(marks)": 1}"#, allowsAnyText: true) }
    }
  }

  @Test func textsThatAreEncodedMayHaveThem() throws {
    let line = try section(#"{"text": "\#(Self.marks)"}"#, allowsAnyText: true)
    #expect(try line.string("text").utf8.count == Self.marks.utf8.count)
    let few = "a" + String(repeating: "\u{301}", count: 64) + "b"
    let many = String(repeating: few, count: 100)
    #expect(try section(#"{"\#(few)": "\#(many)"}"#).string(few).utf8.elementsEqual(many.utf8))
    refusal { _ = try section(#"{"x": "\#(few.dropLast())\#u{301}b"}"#) }
  }

  @Test func tensorFilesRefuseThem() throws {
    let folder = try TemporaryFolder()
    var safetensors = SafetensorsBuilder()
    safetensors.add(Self.marks, shape: [1], floats: [1])
    let path = try folder.write(safetensors.bytes(), as: "a.safetensors")
    refusal { _ = try SafetensorsFile(path: path) }

    var key = GGUFBuilder()
    key.set(Self.marks, .uint32(1))
    let keyed = try folder.write(key.bytes(), as: "key.gguf")
    refusal { _ = try GGUFFile(path: keyed) }

    var value = GGUFBuilder()
    value.set("general.architecture", .string(Self.marks))
    let valued = try folder.write(value.bytes(), as: "value.gguf")
    refusal { _ = try GGUFFile(path: valued).string("general.architecture") }
  }

  @Test func tokenizersRefuseThemWhereTheyCompare() throws {
    let model = #""model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}"#
    func open(_ rest: String) throws -> Tokenizer {
      try Tokenizer(tokenizerJSON: Array("{\(model), \(rest)}".utf8))
    }
    for marks in [Self.marks, Self.escaped] {
      refusal { _ = try open(#""normalizer": {"type": "\#(marks)"}"#) }
      refusal { _ = try open(#""pre_tokenizer": {"type": "\#(marks)"}"#) }
      refusal { _ = try open(#""decoder": {"type": "\#(marks)"}"#) }
      refusal { _ = try open(#""post_processor": {"type": "\#(marks)"}"#) }
    }
    // Tokens are bytes.
    let token = #"[{"id": 2, "content": "\#(Self.marks)", "special": true, "normalized": false}]"#
    #expect(try open(#""added_tokens": \#(token)"#).encode("b" + Self.marks) == [1, 2])
  }
}
