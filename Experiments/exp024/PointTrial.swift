import AISHarness
import AISKit

/// Measures points: quality on test prompts and questions, time in turns with the full float32 model.
final class PointTrial {
  private static let prefillTokens = 256
  private static let decodeSteps = 8
  /// Pairs with a hard skip for each pair with the full model, since the difference is far smaller.
  private static let turnsBesideHard = 20

  private let model: DecoderModel
  private let path: String
  private let texts: [[Int32]]
  private let opening: Int
  private let questions: [ChoicePrompt]
  private let pairs: Int
  private let lab: Lab<Exp024.Row>
  private var formats: [ComputeType: DecoderModel] = [:]
  private var fullTexts: [[Float]] = []
  private var fullAnswers: [Bool] = []
  private let golds: [Int]

  init(
    _ language: LanguageModel, _ texts: BridgeTexts,
    _ questions: [(prompt: ChoicePrompt, gold: Int)], pairs: Int, in lab: Lab<Exp024.Row>
  ) throws {
    model = language.decoder
    path = lab.model.path
    self.texts = texts.test.filter { $0.count > texts.opening }
    opening = texts.opening
    self.questions = questions.map(\.prompt)
    golds = questions.map(\.gold)
    self.pairs = pairs
    self.lab = lab
    try lab.measureCeiling(
      [.f32, .bf16, .native, .int8], gigaflops: ProductRate(threads: lab.threadCount).gigaflops)
  }

  func row(_ point: Point) throws -> Exp024.Row {
    var row = Exp024.Row()
    (row.kind, row.setting, row.isMain) = (point.kind, point.setting, point.isMain)
    row.validationKL = point.validationKL
    row.prompts = texts.count
    try measureQuality(point, &row)
    try measureAnswers(point, &row)
    try measureTime(point, &row)
    return row
  }

  private func model(_ point: Point) throws -> DecoderModel {
    guard case .format(let type) = point.way, type != .f32 else { return model }
    if let known = formats[type] { return known }
    let other = try LanguageModel(path: path, type: type).decoder
    formats[type] = other
    return other
  }

  private func forward(
    _ point: Point, _ tokens: PackedTokens, _ model: DecoderModel,
    _ context: inout DecoderContext, _ trace: DepthTrace? = nil, logits: LogitRows = .lastOfEach
  ) throws {
    switch point.way {
    case .plan(let plan):
      try model.forward(tokens, in: &context, policy: plan, observer: trace, logits: logits)
    case .exit(let exit):
      try model.forward(tokens, in: &context, policy: exit, observer: trace, logits: logits)
    case .format:
      try model.forward(tokens, in: &context, observer: trace, logits: logits)
    }
  }

  // MARK: quality

  /// The full model's logits of every test text, computed once.
  private func fullLogits() throws -> [[Float]] {
    if fullTexts.isEmpty {
      fullTexts = try texts.map { text in
        var context = try model.makeContext(capacity: text.count)
        try model.forward(PackedTokens(text), in: &context, logits: .all)
        return context.withAllLogits { Array($0) }
      }
    }
    return fullTexts
  }

  private func measureQuality(_ point: Point, _ row: inout Exp024.Row) throws {
    let other = try model(point)
    let (width, depth) = (model.config.vocabularySize, model.config.layerCount)
    let trace = DepthTrace()
    var comparisons: [[LogitComparison]] = []
    var (fullNats, ownNats) = (
      [Int: (nats: Double, tokens: Int)](), [Int: (nats: Double, tokens: Int)]()
    )
    var out = 0.0
    for (index, (text, base)) in zip(texts, try fullLogits()).enumerated() {
      var context = try other.makeContext(capacity: text.count)
      try forward(point, PackedTokens(text), other, &context, trace, logits: .all)
      for row in opening..<text.count { out += Double(depth - trace.executedLayers(ofRow: row)) }
      base.withUnsafeBufferPointer { base in
        context.withAllLogits { own in
          let rows = LogitComparison.rows(base: base, other: own, width: width)
          comparisons.append(Array(rows[opening...]))
          fullNats[index] = Self.likelihood(text, from: opening, base, width)
          ownNats[index] = Self.likelihood(text, from: opening, own, width)
        }
      }
    }
    row.layersOut = out / Double(max(comparisons.joined().count, 1))
    let kl = Bootstrap(resamples: 1_000).mean(ofClusters: comparisons.map { $0.map(\.klBaseSkip) })
    (row.kl, row.klLower, row.klUpper) = (kl.value, kl.interval.lower, kl.interval.upper)
    let same = Bootstrap(resamples: 1_000).mean(
      ofClusters: comparisons.map { $0.map { $0.topOneAgrees ? 1 : 0 } })
    (row.topOne, row.topOneLower, row.topOneUpper) = (
      same.value, same.interval.lower, same.interval.upper
    )
    row.perplexityRatio =
      TextLikelihood(ownNats).perplexityRatio(
        over: TextLikelihood(fullNats), bootstrap: Bootstrap(resamples: 2)
      ).value
  }

  /// −log of the probability of a text's tokens after its opening, in nats.
  private static func likelihood(
    _ text: [Int32], from opening: Int, _ logits: UnsafeBufferPointer<Float>, _ width: Int
  ) -> (nats: Double, tokens: Int) {
    let normalizers = LogProbabilities.normalizers(logits, width: width)
    let positions = opening..<text.count - 1
    let nats = positions.reduce(0.0) { sum, position in
      sum + normalizers[position] - Double(logits[position * width + Int(text[position + 1])])
    }
    return (nats, positions.count)
  }

  // MARK: answers

  private func measureAnswers(_ point: Point, _ row: inout Exp024.Row) throws {
    guard point.answers, !questions.isEmpty else { return }
    let plan: DepthPlan
    switch point.way {
    case .plan(let given): plan = given
    case .format: plan = .full
    case .exit: return
    }
    if fullAnswers.isEmpty { fullAnswers = try answers(model, .full) }
    let paired = Paired(baseline: fullAnswers, variant: try answers(model(point), plan))
    row.questions = paired.count
    (row.cloze, row.clozeDifference) = (paired.variant.rate, paired.difference)
    (row.clozeLost, row.clozeGained, row.clozeP) = (paired.lost, paired.gained, paired.pValue)
  }

  /// Whether each question is answered right.
  private func answers(_ model: DecoderModel, _ plan: DepthPlan) throws -> [Bool] {
    let pivot = max(0, (plan.firstChangedLayer ?? 1) - 1)
    let scorer = try ChoiceScorer(model: model, pivot: pivot) { _ in plan }
    return try zip(questions, golds).map { try scorer.score($0).variant.best == $1 }
  }

  // MARK: time

  private func measureTime(_ point: Point, _ row: inout Exp024.Row) throws {
    let timing = InterleavedTiming(pairs: pairs)
    let prefill = try lab.compare(
      "\(row.timingName)_prefill", timing: timing, baseline: try prefillSide(nil),
      variant: try prefillSide(point))
    let decode = try lab.compare(
      "\(row.timingName)_decode", timing: timing, baseline: try decodeSide(nil),
      variant: try decodeSide(point))
    (row.prefill, row.prefillLower, row.prefillUpper) = (
      prefill.speedup.value, prefill.speedup.interval.lower, prefill.speedup.interval.upper
    )
    (row.decode, row.decodeLower, row.decodeUpper) = (
      decode.speedup.value, decode.speedup.interval.lower, decode.speedup.interval.upper
    )
  }

  /// Times a bridge and a hard skip of the same layers in turns.
  ///
  /// There are many more pairs than with the full model, because the two differ by less than a
  /// hundredth.
  func timeBesideHard(_ point: Point) throws {
    guard let plan = point.hard else { return }
    let hard = Point(kind: Exp024.Kind.hard, setting: point.setting, way: .plan(plan))
    _ = try lab.compare(
      Self.besideHard, timing: InterleavedTiming(pairs: pairs * Self.turnsBesideHard),
      baseline: try prefillSide(hard), variant: try prefillSide(point))
  }

  /// The name of the times of the best bridge and a hard skip.
  static let besideHard = "best_beside_hard"

  private static let baseline = Point(kind: "full", setting: "f32", way: .format(.f32))

  /// The test prompts concatenated: real text, since exits depend on it.
  private var stretch: [Int32] {
    let tokens = texts.joined().prefix(Self.prefillTokens)
    return Array(tokens.prefix(model.config.contextLength - Self.decodeSteps))
  }

  private func prefillSide(_ point: Point?) throws -> InterleavedTiming.Side {
    let point = point ?? Self.baseline
    let model = try model(point)
    let tokens = stretch
    let prompt = PackedTokens(Array(tokens.dropLast()))
    var context = try model.makeContext(capacity: tokens.count)
    return .init(
      "\(point.kind) \(point.setting)", work: work(point, model, prompt.rows, steps: 1)
    ) {
      context.removeAll()
      try self.forward(point, prompt, model, &context)
      try self.close(point, tokens[prompt.rows], model, &context)
    }
  }

  /// One more token; if rows exited, it runs every layer, so that filling their cache is inside the
  /// clock.
  private func close(
    _ point: Point, _ token: Int32, _ model: DecoderModel, _ context: inout DecoderContext
  ) throws {
    if case .exit = point.way {
      try model.forward(PackedTokens(decoding: [token]), in: &context)
    } else {
      try forward(point, PackedTokens(decoding: [token]), model, &context)
    }
  }

  /// The least work of a pass over `rows` rows and the steps after it; unknown if rows exit.
  private func work(_ point: Point, _ model: DecoderModel, _ rows: Int, steps: Int) -> Work? {
    let plan: DepthPlan
    switch point.way {
    case .plan(let given): plan = given
    case .format: plan = .full
    case .exit: return nil
    }
    let type = model.backend.computeType
    let passes =
      (rows > 0 ? [(rows, 0)] : []) + (0..<steps).map { (1, rows + $0) }
    let works = passes.map { count, position in
      Work(
        ModelWork(
          config: model.config, plan: plan, rows: count, position: position,
          weights: model.weightSizes), type)
    }
    return Work(
      floatingPointOperations: works.reduce(0) { $0 + $1.floatingPointOperations },
      bytesRead: works.reduce(0) { $0 + $1.bytesRead }, computeType: type)
  }

  private func decodeSide(_ point: Point?) throws -> InterleavedTiming.Side {
    let point = point ?? Self.baseline
    let model = try model(point)
    let tokens = stretch
    let start = max(1, tokens.count - Self.decodeSteps)
    var context = try model.makeContext(capacity: tokens.count)
    try forward(point, PackedTokens(Array(tokens[..<start])), model, &context)
    return .init(
      "\(point.kind) \(point.setting)", work: work(point, model, 0, steps: tokens.count - start)
    ) {
      context.truncate(to: start)
      for token in tokens[start...].dropLast() {
        try self.forward(point, PackedTokens(decoding: [token]), model, &context)
      }
      try self.close(point, tokens[tokens.count - 1], model, &context)
    }
  }
}
