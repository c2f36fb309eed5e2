import AISHarness
import AISKit

/// Measures points: quality on test prompts, answers to questions, and what layers say themselves.
final class PointTrial {
  /// What reads out a layer: the model's own head, on its state or after an exit bridge.
  static let readouts = ["head alone", "exit bridge"]

  private let ways: Ways
  private let points: [Point]
  private let texts: BridgeTexts
  private var policies: [String: any DepthPolicy] = [:]
  private var full: (prompt: Int, logits: [Float])?

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
    let text = texts.test[prompt]
    let judged = texts.opening..<text.count
    let base = try fullLogits(prompt)
    let other = try ways.model(of: point)
    let trace = DepthTrace()
    var context = try other.makeContext(capacity: text.count)
    try other.forward(
      PackedTokens(text), in: &context, policy: try policy(point), observer: trace, logits: .all)
    let width = model.config.vocabularySize
    var row = Exp024.Row()
    (row.kind, row.setting, row.prompt) = (point.kindText, point.setting, prompt)
    row.category = texts.judged.prompts[prompt].category
    (row.positions, row.scored) = (judged.count, judged.count - 1)
    row.layersOut = judged.reduce(0) {
      $0 + model.config.layerCount - trace.executedLayers(ofRow: $1)
    }
    base.withUnsafeBufferPointer { base in
      context.withAllLogits { own in
        let rows = LogitComparison.rows(base: base, other: own, width: width)[judged]
        row.kl = rows.reduce(0) { $0 + $1.klBaseSkip }
        row.agreements = rows.count(where: \.topOneAgrees)
        row.fullNats = Self.nats(text, from: judged.lowerBound, base, width)
        row.nats = Self.nats(text, from: judged.lowerBound, own, width)
      }
    }
    return row
  }

  private func fullLogits(_ prompt: Int) throws -> [Float] {
    if let full, full.prompt == prompt { return full.logits }
    let text = texts.test[prompt]
    var context = try model.makeContext(capacity: text.count)
    try model.forward(PackedTokens(text), in: &context, logits: .all)
    let logits = context.withAllLogits { Array($0) }
    full = (prompt, logits)
    return logits
  }

  /// −log of the probability of a text's tokens after its opening.
  private static func nats(
    _ text: [Int32], from opening: Int, _ logits: UnsafeBufferPointer<Float>, _ width: Int
  ) -> Double {
    let normalizers = LogProbabilities.normalizers(logits, width: width)
    return (opening..<text.count - 1).reduce(0.0) { sum, position in
      sum + normalizers[position] - Double(logits[position * width + Int(text[position + 1])])
    }
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
    let bridges = try ways.routersAndBridges().bridges
    let readers = try [nil, bridges].map {
      try LabelReader(model: model, layers: bridges.layers, exitBridges: $0)
    }
    func rows(_ prompt: Int) throws -> [LensRow] {
      let labels = try readers.map {
        try $0.read([texts.test[prompt]], firstPositions: [texts.opening])
      }
      return labels[0].layers.indices.flatMap { place in
        zip(Self.readouts, labels).map { readout, labels in
          LensRow(
            prompt: prompt, layer: labels.layers[place], readout: readout,
            positions: labels.count, agreements: labels.agrees[place].count { $0 })
        }
      }
    }
    try lab.measureEach(
      raw: prompts, "lens: prompts", by: { $0 }, rowKey: \LensRow.prompt, rows)
  }
}
