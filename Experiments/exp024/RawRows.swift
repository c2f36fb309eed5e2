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

/// How often a layer's own readout has the full model's token, in one test prompt.
struct LensRow: RawRow {
  var prompt = 0
  var layer = 0
  var readout = ""
  var positions = 0
  var agreements = 0

  static let tableName = "lens_prompts"
  static let columns: [Column<LensRow>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("layer", \.layer, "the layer that is read out"),
    Column("readout", \.readout, "by the head alone, or after an exit bridge"),
    Column("positions", \.positions, "its judged positions"),
    Column(
      "agreements", \.agreements, "positions with the full model's most probable token", .within(2)),
  ]
}
