import AISHarness
import AISKit

/// Measures points: quality on test prompts, answers to questions, and what layers say themselves.
final class PointTrial {
  private let ways: Ways
  private let points: [Point]
  private let texts: BridgeTexts
  private var policies: [String: any DepthPolicy] = [:]
  private var full: (prompt: Int, baseline: TextBaseline)?

  init(_ ways: Ways, _ points: [Point], _ texts: BridgeTexts) {
    self.ways = ways
    self.points = points
    self.texts = texts
  }

  private var model: DecoderModel { ways.language.decoder }

  /// Test prompts with a judged position.
  private var prompts: [Int] {
    texts.test.indices.filter { texts.test[$0].count > texts.opening }
  }

  private func policy(_ point: Point) throws -> any DepthPolicy {
    if let known = policies[point.name] { return known }
    let policy = try ways.policy(of: point)
    policies[point.name] = policy
    return policy
  }

  // MARK: quality

  func measureQuality(in lab: Lab<Exp024.Row>) throws {
    let items = prompts.flatMap { prompt in points.map { (prompt, $0) } }
    try lab.measureEach(
      items, "prompts × ways", by: { "\($0.0) \($0.1.name)" },
      rowKey: { "\($0.prompt) \($0.name)" }, { try row($0.0, $0.1) })
  }

  private func row(_ prompt: Int, _ point: Point) throws -> Exp024.Row {
    let judged = texts.opening..<texts.test[prompt].count
    let trace = DepthTrace()
    let (rows, nats, fullNats) = try baseline(prompt).compareWithNats(
      with: ways.model(of: point), policy: policy(point), observer: trace,
      opening: texts.opening + 1)
    var row = Exp024.Row()
    (row.kind, row.setting, row.prompt) = (point.kindText, point.setting, prompt)
    row.category = texts.judged.prompts[prompt].category
    (row.positions, row.scored) = (judged.count, judged.count - 1)
    row.layersOut = judged.reduce(0) {
      $0 + model.config.layerCount - trace.executedLayers(ofRow: $1)
    }
    row.kl = rows[judged].reduce(0) { $0 + $1.klBaseSkip }
    row.agreements = rows[judged].count(where: \.topOneAgrees)
    (row.nats, row.fullNats) = (nats, fullNats)
    return row
  }

  private func baseline(_ prompt: Int) throws -> TextBaseline {
    if let full, full.prompt == prompt { return full.baseline }
    let baseline = try TextBaseline(model, texts.test[prompt])
    full = (prompt, baseline)
    return baseline
  }

  // MARK: answers

  /// Asks every way that answers, one way after another.
  func measureAnswers(
    _ sample: [(row: Int, question: MultipleChoiceQuestion)], in lab: Lab<Exp024.Row>
  ) throws {
    let format = try MultipleChoiceFormat(.cloze, encoder: ways.language.prompts)
    let prompts = try sample.map { try format.prompt($0.question) }
    let items = points.filter(\.isAsked).flatMap { point in
      sample.indices.map { (point, $0) }
    }
    var current: (name: String, scorer: ChoiceScorer)?
    func answer(_ point: Point, _ place: Int) throws -> [AnswerRow] {
      if current?.name != point.name {
        current = (
          point.name,
          try ChoiceScorer(model: try ways.model(of: point), policy: try policy(point))
        )
      }
      var row = AnswerRow()
      (row.kind, row.setting, row.question) = (point.kindText, point.setting, sample[place].row)
      (row.subject, row.gold) = (sample[place].question.subject, sample[place].question.answer)
      row.answer = try current?.scorer.scoreVariant(prompts[place]).best ?? -1
      return [row]
    }
    try lab.measureEach(
      raw: items, "ways × questions", by: { "\($0.0.name) \(sample[$0.1].row)" },
      rowKey: \AnswerRow.key, { try answer($0.0, $0.1) })
  }

  // MARK: lens

  /// How often a checkpoint's own readout has the full model's token, with and without its exit
  /// bridge.
  func measureLens(in lab: Lab<Exp024.Row>) throws {
    let study = LensStudy(model, try ways.routersAndBridges().bridges)
    try lab.measureEach(
      raw: prompts, "lens: prompts", by: { $0 }, rowKey: \LensRow.prompt,
      { try study.rows(texts.test[$0], $0, from: texts.opening) })
  }
}
