import AISHarness
import AISKit

/// An MMLU question answered under one way to save.
struct AnswerRow: RawRow {
  var kind = ""
  var setting = ""
  var question = 0
  var subject = ""
  var gold = 0
  var answer = 0

  var name: String { "\(kind) \(setting)" }
  var key: String { "\(name) \(question)" }
  var isRight: Bool { answer == gold }

  static let tableName = "answers"
  static let columns: [Column<AnswerRow>] = [
    Column("kind", \.kind, "how it saves"),
    Column("setting", \.setting, "which layers, or which number format"),
    Column("question", \.question, "row of the question in the file"),
    Column("subject", \.subject, "its subject"),
    Column("gold", \.gold, "the right choice"),
    Column("answer", \.answer, "the choice with the highest probability a character"),
  ]
}
