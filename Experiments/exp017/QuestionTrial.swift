import AISHarness
import AISKit
import Foundation

/// Puts questions to the full and to the routed model, subject by subject.
final class QuestionTrial {
  private let scorer: ChoiceScorer
  private let router: MapRouter
  private let format: MultipleChoiceFormat
  private let routes: RouteLog

  init(_ model: DecoderModel, _ router: MapRouter, _ format: MultipleChoiceFormat) throws {
    let routes = RouteLog()
    scorer = try ChoiceScorer(model: model, pivot: router.map.pivot) { probe in
      let route = try router.route(probe)
      routes.last = route
      return route.plan
    }
    self.routes = routes
    self.router = router
    self.format = format
  }

  func run(
    _ sample: [(row: Int, question: MultipleChoiceQuestion)], in lab: Lab<Exp017.Row>
  ) throws {
    let start = ContinuousClock.now
    let earlier = lab.rows.count
    let prompts = try Dictionary(
      uniqueKeysWithValues: sample.map { ($0.row, try format.prompt($0.question)) })
    let subjects = Dictionary(grouping: sample, by: \.question.subject)
    var subject: String?
    func answer(_ row: Int, _ question: MultipleChoiceQuestion) throws -> Exp017.Row {
      if question.subject != subject {
        subject = question.subject
        try scorer.beginGroup((subjects[question.subject] ?? []).compactMap { prompts[$0.row] })
      }
      guard let prompt = prompts[row] else { preconditionFailure("a prompt for each row") }
      return self.row(row, question, try scorer.score(prompt))
    }
    try lab.measureEach(
      sample, "questions", by: { $0.row }, rowKey: { $0.row },
      { try answer($0.row, $0.question) })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    guard scorer.modelSeconds > 0 else { return }
    lab.summarize(
      SummaryValue(
        "evaluator_overhead", seconds / scorer.modelSeconds - 1,
        "time beside passes and routing, tokenizing and rows to disk included, over theirs",
        compare: .ignored,
        show: .percent(1)))
    lab.summarize(
      SummaryValue(
        "questions_per_second", Double(lab.rows.count - earlier) / seconds,
        "both models' answers, since the run was last taken up", compare: .ignored,
        show: .decimals(1)))
  }

  private func row(_ index: Int, _ question: MultipleChoiceQuestion, _ pair: ChoicePair)
    -> Exp017.Row
  {
    var row = Exp017.Row()
    row.row = index
    row.subject = question.subject
    row.gold = question.answer
    (row.baseline, row.variant) = (pair.baseline.best, pair.variant.best)
    (row.baselineTop, row.variantTop) = (Int(pair.baseline.topToken), Int(pair.variant.topToken))
    row.baselineValues = Self.text(pair.baseline.values)
    row.variantValues = Self.text(pair.variant.values)
    if let route = routes.last {
      row.routed = router.map.categories[route.neighborhood.category]
      row.confidence = route.neighborhood.confidence
      row.isFallback = route.isFallback
    }
    row.plan = pair.plan.summary
    return row
  }

  private static func text(_ values: [Double]) -> String {
    values.map { String(format: "%.3f", $0) }.joined(separator: " ")
  }
}

/// Carries the current question's route out of the scorer's closure.
private final class RouteLog {
  var last: Route?
}
