import AISHarness
import AISKit

extension Exp010 {
  /// One item of a task whose answers are scored, under the full model and under the variant.
  struct Row: ResultRow {
    var task = ""
    var row = 0
    var group = ""
    var gold = 0
    var lengths = ""
    var baselineValues = ""
    var variantValues = ""
    var baselineIsGreedy = false
    var variantIsGreedy = false

    static let columns: [Column<Row>] = [
      Column("task", \.task, "the task"),
      Column("row", \.row, "index of the item in its file"),
      Column("group", \.group, "items of a group are alike, such as those of a subject"),
      Column("gold", \.gold, "the right answer, from 0"),
      Column("lengths", \.lengths, "characters of each answer"),
      Column(
        "baseline_values", \.baselineValues,
        "summed log-probability of each answer in nats, full model", .unchecked),
      Column("variant_values", \.variantValues, "the same of the variant", .unchecked),
      Column(
        "baseline_is_greedy", \.baselineIsGreedy,
        "LAMBADA: the full model itself says the right word", .unchecked),
      Column("variant_is_greedy", \.variantIsGreedy, "the same of the variant", .unchecked),
    ]

    /// A row from an item and its scores.
    init(
      _ task: SuiteTask, _ item: SuiteItem, _ scores: (baseline: SuiteScores, variant: SuiteScores)
    ) {
      self.task = task.name
      (row, group, gold) = (item.row, item.group, item.gold)
      lengths = item.answerLengths.map(String.init).joined(separator: " ")
      (baselineValues, variantValues) = (
        Self.text(scores.baseline.values), Self.text(scores.variant.values)
      )
      baselineIsGreedy = scores.baseline.areGreedy.first ?? false
      variantIsGreedy = scores.variant.areGreedy.first ?? false
    }

    init() {}

    private static func text(_ values: [Double]) -> String {
      values.map { String(format: "%.4f", $0) }.joined(separator: " ")
    }
  }
}

/// One document, read by the full model and by the variant.
struct DocumentRow: RawRow {
  var row = 0
  var tokens = 0
  var words = 0
  var bytes = 0
  var baseline = 0.0
  var variant = 0.0

  static let tableName = "documents"
  static let columns: [Column<DocumentRow>] = [
    Column("row", \.row, "index of the document in its file"),
    Column("tokens", \.tokens, "its tokens"),
    Column("words", \.words, "pieces between white space, as lm-evaluation-harness counts them"),
    Column("bytes", \.bytes, "its bytes in UTF-8"),
    Column(
      "baseline", \.baseline, "its log-likelihood under the full model",
      .relative(0.01, unit: "nats")),
    Column("variant", \.variant, "the same under the variant", .relative(0.01, unit: "nats")),
  ]
}

/// One question whose answer is written, by the full model and by the variant.
struct WrittenRow: RawRow {
  var row = 0
  var gold = ""
  var baseline = ""
  var variant = ""
  var baselineText = ""
  var variantText = ""

  static let tableName = "written"
  static let columns: [Column<WrittenRow>] = [
    Column("row", \.row, "index of the question in its file"),
    Column("gold", \.gold, "the right number"),
    Column(
      "baseline", \.baseline,
      "the number that the run read in the full model's answer, which is judged by its text; empty if there is none",
      .unchecked),
    Column("variant", \.variant, "the same of the variant", .unchecked),
    Column("baseline_text", \.baselineText, "the full model's answer", .unchecked),
    Column("variant_text", \.variantText, "the variant's", .unchecked),
  ]
}
