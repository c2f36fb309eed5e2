import AISHarness

/// One of several ways of answering the same questions; the first is what others are compared with.
struct AccuracyRow: ResultRow {
  var model = ""
  var questions = 0
  var accuracy = EstimateCells()
  var designEffect = Double.nan
  var difference = EstimateCells()
  var flips = ""

  static let columns = Column<AccuracyRow>.list(
    [
      Column("model", \.model, "full, routed, or one plan for all that was found on other prompts"),
      Column("questions", \.questions, "the same questions for all"),
    ],
    Column.estimate(
      "accuracy", \.accuracy, "answers that are right; subjects are resampled",
      compare: .absolute(0.01), show: .percent(2)),
    [
      Column(
        "design_effect", \.designEffect, "its variance over that of as many independent questions",
        compare: .absolute(0.1), show: .decimals(2))
    ],
    Column.estimate(
      "difference", \.difference, "accuracy less the first row's, paired",
      compare: .absolute(0.01), show: .percent(2)),
    [
      Column(
        "flips", \.flips, "right only here, and only in the first row; exact McNemar of these",
        compare: .ignored)
    ])

  /// A way of answering: its name, and whether it is right.
  typealias Side = (name: String, isRight: (Exp017.Row) -> Bool)

  /// The ways, each compared with the first.
  static func all(_ rows: [Exp017.Row], _ sides: [Side]) -> [AccuracyRow] {
    sides.enumerated().map { place, side in
      let share = ClusteredShare(rows, by: \.subject, where: side.isRight)
      var row = AccuracyRow()
      (row.model, row.questions) = (side.name, rows.count)
      row.accuracy = EstimateCells(share.estimate)
      row.designEffect = share.designEffect
      if place == 0 { return row }
      let pairs = ClusteredPairs(
        rows, by: \.subject, baseline: sides[0].isRight, variant: side.isRight)
      let all = pairs.questions
      row.difference = EstimateCells(pairs.differenceEstimate)
      row.flips =
        "+\(all.gained) −\(all.lost), p = \(NumberFormat.text(.real(all.pValue), .decimals(4)))"
      return row
    }
  }
}

/// How often each answer is chosen.
struct AnswerRow: ResultRow {
  var answer = ""
  var gold = 0
  var baseline = 0
  var variant = 0

  static let columns: [Column<AnswerRow>] = [
    Column("answer", \.answer, "which answer"),
    Column("gold", \.gold, "questions where it is right"),
    Column("baseline", \.baseline, "questions where the full model chooses it"),
    Column("variant", \.variant, "questions where the routed model chooses it"),
  ]
}

/// A plan in use.
struct PlanRow: ResultRow {
  var plan = ""
  var questions = 0
  var baseline = 0.0
  var variant = 0.0

  static let columns: [Column<PlanRow>] = [
    Column("plan", \.plan, "what was left out"),
    Column("questions", \.questions, "questions that the map gave it to"),
    Column(
      "baseline_accuracy", \.baseline, "the full model's accuracy on them",
      compare: .absolute(0.02), show: .percent(1)),
    Column(
      "variant_accuracy", \.variant, "the routed model's", compare: .absolute(0.02),
      show: .percent(1)),
  ]

  /// The plans of some questions, the most frequent first.
  static func all(_ rows: [Exp017.Row]) -> [PlanRow] {
    Dictionary(grouping: rows, by: \.plan).sorted {
      ($0.value.count, $0.key) > ($1.value.count, $1.key)
    }
    .map { plan, rows in
      PlanRow(
        plan: plan, questions: rows.count,
        baseline: Proportion(of: rows.map { $0.baseline == $0.gold }).rate,
        variant: Proportion(of: rows.map { $0.variant == $0.gold }).rate)
    }
  }
}
