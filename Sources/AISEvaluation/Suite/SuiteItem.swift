/// An item of a task as text: what is put before the model, and what may follow.
public struct SuiteItem: Sendable, Equatable {
  /// A context and the texts that may continue it.
  public struct Request: Sendable, Equatable {
    /// The text before.
    public let context: String
    /// The texts after it, with the space between them.
    public let continuations: [String]

    /// A request from its parts.
    public init(context: String, continuations: [String]) {
      (self.context, self.continuations) = (context, continuations)
    }
  }

  /// Its line among those of the file, from 0.
  public let row: Int
  /// Items of one group are alike; each item's own text if it stands alone.
  public let group: String
  /// What is scored: one request with all answers, or one for each answer where contexts differ.
  ///
  /// None for a task whose answers are written.
  public let requests: [Request]
  /// The characters (Unicode scalars) of each answer, without the space before it.
  public let answerLengths: [Int]
  /// The right answer's place, 0 if there is only one.
  public let gold: Int
  /// The text that a document has, or that a written answer must end in; empty otherwise.
  public let text: String
  /// The prompt of a written answer; empty otherwise.
  public let prompt: String

  /// An item from a line of its file.
  ///
  /// - Throws: `CheckpointError` for a line that lacks a field.
  init(_ line: JSONSection, row: Int, of task: SuiteTask) throws {
    let fields = try SuiteLine(line, task)
    self.row = row
    group = try task.group.map(fields.text) ?? "\(row)"
    var gold = 0
    var (text, prompt) = ("", "")
    var requests: [Request] = []
    var answers: [String] = []
    switch task.answers {
    case .choices:
      (answers, gold) = try (fields.choices(), fields.answer())
    case .letters:
      gold = try fields.answer()
      answers = try fields.choices().indices.map(MultipleChoiceFormat.letter)
    case .fixed(let texts):
      answers = texts
      gold = try fields.answer(below: texts.count)
    case .blank:
      gold = try fields.answer()
      let (before, after) = try fields.aroundBlank()
      answers = try fields.choices().map { _ in after }
      requests = try fields.choices().map {
        Request(context: before + $0, continuations: [" " + after])
      }
    case .target(let field):
      let target = try fields.text(field)
      answers = [target]
      requests = [Request(context: try fields.filled(task.prompt), continuations: [target])]
    case .document(let field):
      text = try fields.text(field)
    case .number(let field):
      text = try fields.text(field)
      prompt = try task.examples + fields.filled(task.prompt)
    }
    if requests.isEmpty, !answers.isEmpty {
      requests = [
        Request(
          context: try task.examples + fields.filled(task.prompt),
          continuations: answers.map { " " + $0 })
      ]
    }
    self.requests = requests
    answerLengths = answers.map { $0.unicodeScalars.count }
    self.gold = gold
    self.text = text
    self.prompt = prompt
  }
}

extension SuiteItem {
  /// A document's words as lm-evaluation-harness counts them: pieces between white space, with an empty piece beside white
  /// space at an end.
  public static func words(_ text: String) -> Int {
    text.split(separator: #/\s+/#, omittingEmptySubsequences: false).count
  }
}

extension SuiteTask {
  /// The items of the task's file, in its order.
  ///
  /// - Throws: `CheckpointError` for a file that cannot be read, `DataFileError` for a wrong line.
  public func items(_ path: String) throws -> [SuiteItem] {
    var row = -1
    return try JSONLines.map(path) { line in
      row += 1
      return try SuiteItem(line, row: row, of: self)
    }
  }
}
