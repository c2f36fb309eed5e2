import AISKit

extension LoadedModel {
  /// A line's token ids, all within the model's vocabulary.
  ///
  /// - Throws: `RequestError` for an id outside the vocabulary, and what reading the line throws.
  func tokens(_ line: InputLine, chat: Bool) throws -> [Int32] {
    let ids = try line.tokens(prompts, chat: chat, model: path)
    let last = decoder.config.vocabularySize - 1
    if let wrong = ids.first(where: { !(0...last).contains(Int($0)) }) {
      throw RequestError(line.json.file, expected: "token ids from 0 to \(last)", found: "\(wrong)")
    }
    return ids
  }

  /// The token ids of all lines: at least one line; a line may be empty.
  ///
  /// - Throws: `RequestError`, and what reading a line throws.
  func texts(_ input: InputOptions, chat: Bool) throws -> [[Int32]] {
    var texts: [[Int32]] = []
    try input.forEachLine { texts.append(try tokens($0, chat: chat)) }
    guard !texts.isEmpty else {
      throw RequestError(input.input, expected: "at least one line of JSON", found: "none")
    }
    return texts
  }

  /// The token ids of all lines: at least one line, each with at least one token.
  ///
  /// - Throws: `RequestError`, and what reading a line throws.
  func inputs(_ input: InputOptions, chat: Bool) throws -> [[Int32]] {
    let inputs = try texts(input, chat: chat)
    if let empty = inputs.firstIndex(where: \.isEmpty) {
      throw RequestError("input \(empty)", expected: "at least one token", found: "none")
    }
    return inputs
  }
}
