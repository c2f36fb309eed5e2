import Foundation

/// The fields of an item's line, mended as its task says.
struct SuiteLine {
  private let line: JSONSection
  private var mended: [String: String] = [:]
  private var mendedChoices: [String]?

  init(_ line: JSONSection, _ task: SuiteTask) throws {
    self.line = line
    for preparation in task.preparations {
      switch preparation {
      case .hellaSwag: try prepareHellaSwag()
      case .spaced(let field):
        mended[field] = try line.string(field).replacing("_", with: " ")
      case .trimmed(let field):
        mended[field] = String(try line.string(field).drop(while: \.isWhitespace))
      case .stripped(let field):
        mended[field] = try line.string(field).trimmingCharacters(in: .whitespacesAndNewlines)
      }
    }
  }

  func text(_ field: String) throws -> String { try mended[field] ?? line.string(field) }

  func choices() throws -> [String] {
    let choices = try mendedChoices ?? line.strings("choices")
    guard (2...26).contains(choices.count) else {
      throw line.error("choices", expected: "2 to 26 choices")
    }
    return choices
  }

  func answer() throws -> Int { try answer(below: choices().count) }

  func answer(below count: Int) throws -> Int {
    let answer = try line.integer("answer")
    guard (0..<count).contains(answer) else {
      throw line.error("answer", expected: "the index of a choice, 0 to \(count - 1)")
    }
    return answer
  }

  /// A template with its fields filled in.
  func filled(_ template: String) throws -> String {
    var result = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let field = String(rest[rest.index(after: open)..<close])
      result += try field == "letters" ? letters() : text(field)
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// The sentence before its gap, and after it without the space between.
  func aroundBlank() throws -> (before: String, after: String) {
    let sentence = try text("question")
    guard let gap = sentence.firstIndex(of: "_") else {
      throw line.error("question", expected: "a sentence with a gap, _")
    }
    let after = sentence[sentence.index(after: gap)...]
    return (String(sentence[..<gap]), after.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func letters() throws -> String {
    try choices().enumerated().map { "\(MultipleChoiceFormat.letter($0)). \($1)\n" }.joined()
  }

  // MARK: HellaSwag

  /// Sets `query`: the activity, the context's first part, and its second with a capital letter.
  ///
  /// Marks of WikiHow leave the query and the choices.
  private mutating func prepareHellaSwag() throws {
    let (whole, second) = try (line.string("context"), line.string("ctx_b"))
    let first =
      second.isEmpty || !whole.hasSuffix(" " + second)
      ? whole : String(whole.dropLast(second.count + 1))
    let activity = try line.string("activity_label")
    mended["query"] = Self.withoutMarks("\(activity): \(first) \(Self.capitalized(second))")
    mendedChoices = try line.strings("choices").map(Self.withoutMarks)
  }

  /// A large first letter, and small ones after it.
  private static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst().lowercased()
  }

  private static func withoutMarks(_ text: String) -> String {
    var text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    text = text.replacing(" [title]", with: ". ")
    text = text.replacing(#/\[.*?\]/#, with: "")
    return text.replacing("  ", with: " ")
  }
}
