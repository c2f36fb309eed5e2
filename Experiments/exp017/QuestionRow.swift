import AISHarness

extension Exp017 {
  /// One question, answered by the full model and under the plan that the map chose.
  struct Row: ResultRow {
    var row = 0
    var subject = ""
    var gold = 0
    var baseline = 0
    var variant = 0
    var baselineTop = 0
    var variantTop = 0
    var baselineValues = ""
    var variantValues = ""
    var routed = ""
    var confidence = 0.0
    var isFallback = false
    var plan = ""

    static let columns: [Column<Row>] = [
      Column("row", \.row, "index of the question in the data"),
      Column("subject", \.subject, "its subject"),
      Column("gold", \.gold, "the right answer, from 0"),
      Column("baseline", \.baseline, "the full model's answer"),
      Column("variant", \.variant, "the routed model's answer"),
      Column("baseline_top", \.baselineTop, "the token that the full model itself would say next"),
      Column("variant_top", \.variantTop, "the same of the routed model"),
      Column(
        "baseline_values", \.baselineValues,
        "logit (letter, chat) or summed log-probability (cloze) of each answer, full model",
        .unchecked),
      Column("variant_values", \.variantValues, "the same of the routed model", .unchecked),
      Column("routed", \.routed, "the category that the map found"),
      Column(
        "confidence", \.confidence, "the winning category's share of the vote",
        .decimals(2, within: 0.01)),
      Column("is_fallback", \.isFallback, "the full model answered"),
      Column("plan", \.plan, "what was left out"),
    ]

    /// How many answers the question offers: each has a value.
    var choiceCount: Int { baselineValues.split(separator: " ").count }
  }
}

/// One question, answered under the one plan that is best for all prompts.
struct StaticAnswer: RawRow {
  var row = 0
  var gold = 0
  var answer = 0
  var plan = ""

  static let tableName = "static_answers"
  static let columns: [Column<StaticAnswer>] = [
    Column("row", \.row, "index of the question in the data"),
    Column("gold", \.gold, "the right answer, from 0"),
    Column("answer", \.answer, "the answer under the plan"),
    Column("plan", \.plan, "what was left out"),
  ]
}
