import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// The source of JSON lines: a file or standard input.
struct InputOptions: ParsableArguments {
  @Option(help: "A file of JSON lines; - or nothing: standard input.")
  var input: String = "-"

  /// Reads the lines one by one; empty ones are skipped.
  func forEachLine(_ body: (InputLine) throws -> Void) throws {
    let isStandardInput = input == "-"
    guard let file = isStandardInput ? fdopen(STDIN_FILENO, "r") : fopen(input, "r") else {
      throw RequestError(
        input, expected: "a readable file", found: String(cString: strerror(errno)))
    }
    defer { if !isStandardInput { fclose(file) } }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    var number = 0
    while true {
      errno = 0
      let length = getline(&buffer, &capacity, file)
      guard length >= 0, let start = buffer else { break }
      number += 1
      let bytes = UnsafeRawBufferPointer(start: start, count: length)
      guard bytes.contains(where: { !$0.isJSONSpace }) else { continue }
      try body(
        InputLine(bytes, place: "\(isStandardInput ? "standard input" : input), line \(number)"))
    }
    guard ferror(file) == 0 else {
      throw RequestError(
        input, expected: "a readable file", found: String(cString: strerror(errno)))
    }
  }
}

/// One line of input: an object with a text, a conversation or token ids.
struct InputLine {
  let json: JSONSection

  init(_ bytes: UnsafeRawBufferPointer, place: String) throws {
    json = try JSONSection(parsing: bytes, file: place, allowsAnyText: true)
  }

  /// The text; required.
  var text: String { get throws { try json.string("text") } }

  /// Token ids; required.
  var ids: [Int32] {
    get throws {
      try json.integers("ids").map {
        guard let id = Int32(exactly: $0) else {
          throw json.error("ids", expected: "token ids")
        }
        return id
      }
    }
  }

  /// The conversation under "messages", or the text as a user's one message.
  var messages: [ChatMessage] {
    get throws {
      guard let list = json["messages"]?.array else {
        return [ChatMessage(role: "user", content: try text)]
      }
      return try list.map {
        guard let role = $0.object?["role"]?.string, let content = $0.object?["content"]?.string
        else {
          throw json.error("messages", expected: "objects with role and content")
        }
        // Templates compare the role, and comparing many marks is slow.
        guard !CombiningMarks.areTooMany(in: role) else {
          throw json.error("messages", expected: "roles with \(CombiningMarks.limit)")
        }
        return ChatMessage(role: role, content: content)
      }
    }
  }

  /// The line's token ids, or those of its text as the model's tokenizer gives them.
  func tokens(_ prompts: PromptEncoder?, chat: Bool, model: String) throws -> [Int32] {
    if json.contains("ids") { return try ids }
    guard let prompts else {
      throw RequestError(
        json.file, expected: "\"ids\", since \(model) has no tokenizer", found: "\"text\"")
    }
    return chat ? try prompts.encode(chat: messages) : try prompts.encode(try text)
  }
}

extension UInt8 {
  fileprivate var isJSONSpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}

/// A string as JSON text.
func jsonText(_ text: String) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .withoutEscapingSlashes
  return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}
