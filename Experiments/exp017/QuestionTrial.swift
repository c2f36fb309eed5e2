import AISHarness
import AISKit
import Foundation

/// Puts questions to the full model and to a variant, subject by subject.
final class QuestionTrial {
  typealias Item = (row: Int, question: MultipleChoiceQuestion)

  let sample: [Item]
  private let prompts: [Int: ChoicePrompt]
  private let subjects: [String: [Item]]

  init(_ sample: [Item], _ format: MultipleChoiceFormat) throws {
    self.sample = sample
    prompts = try Dictionary(
      uniqueKeysWithValues: sample.map { ($0.row, try format.prompt($0.question)) })
    subjects = Dictionary(grouping: sample, by: \.question.subject)
  }

  /// Answers under the plans that the map chooses.
  func run(_ model: DecoderModel, _ router: MapRouter, in lab: Lab<Exp017.Row>) throws {
    let start = ContinuousClock.now
    let earlier = lab.rows.count
    var route: Route?
    let scorer = try ChoiceScorer(model: model, pivot: router.map.pivot) { probe in
      let found = try router.route(probe)
      route = found
      return found.plan
    }
    let answer = answering(scorer) { try scorer.score($0) }
    try lab.measureEach(
      sample, "questions", by: { $0.row }, rowKey: { $0.row },
      { item in
        var row = Self.row(item, try answer(item))
        if let route {
          row.routed = router.map.categories[route.neighborhood.category]
          row.confidence = route.neighborhood.confidence
          row.isFallback = route.isFallback
        }
        return row
      })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    guard scorer.modelSeconds > 0 else { return }
    try lab.note(
      "evaluator_overhead", seconds / scorer.modelSeconds - 1,
      "time beside passes and routing, tokenizing and rows to disk included, over theirs",
      .uncheckedShare(digits: 1))
    try lab.note(
      "questions_per_second", Double(lab.rows.count - earlier) / seconds,
      "both models' answers, since the run was last taken up", .unchecked(1))
  }

  /// Answers under one plan for all.
  func run(_ model: DecoderModel, _ plan: DepthPlan, in lab: Lab<Exp017.Row>) throws {
    let scorer = try ChoiceScorer(model: model, policy: plan)
    let answer = answering(scorer) { try scorer.scoreVariant($0) }
    try lab.measureEach(
      raw: sample, "best static plan: questions", by: { $0.row },
      rowKey: { (row: StaticAnswer) in row.row },
      { item in
        [
          StaticAnswer(
            row: item.row, gold: item.question.answer, answer: try answer(item).best,
            plan: plan.summary)
        ]
      })
  }

  /// Scores one question after another; those of a subject share the beginning of their prompts.
  private func answering<Scores>(
    _ scorer: ChoiceScorer, _ score: @escaping (ChoicePrompt) throws -> Scores
  ) -> (Item) throws -> Scores {
    var subject: String?
    return { [prompts, subjects] item in
      if item.question.subject != subject {
        subject = item.question.subject
        try scorer.beginGroup(
          (subjects[item.question.subject] ?? []).compactMap { prompts[$0.row] })
      }
      guard let prompt = prompts[item.row] else { preconditionFailure("a prompt for each row") }
      return try score(prompt)
    }
  }

  private static func row(_ item: Item, _ pair: ChoicePair) -> Exp017.Row {
    func text(_ values: [Double]) -> String {
      values.map { String(format: "%.3f", $0) }.joined(separator: " ")
    }
    var row = Exp017.Row()
    (row.row, row.subject, row.gold) = (item.row, item.question.subject, item.question.answer)
    (row.baseline, row.variant) = (pair.baseline.best, pair.variant.best)
    (row.baselineTop, row.variantTop) = (Int(pair.baseline.topToken), Int(pair.variant.topToken))
    row.baselineValues = text(pair.baseline.values)
    row.variantValues = text(pair.variant.values)
    row.plan = pair.plan.summary
    return row
  }
}
