import AISHarness
import AISKit

/// Runs texts whose tokens really exit, and compares every prediction with the full model's.
struct ExecutedTrial {
  static let validation = "validation"
  static let test = "test"

  let model: DecoderModel
  let routers: TokenRouters
  let bridges: ExitBridges?
  /// Tokens that all texts begin with; they do not count.
  let opening: Int

  /// Tries the grid on the validation texts from the highest threshold down, until the test for the
  /// largest share fails: no lower threshold could be chosen after that.
  func calibrate(_ texts: [[Int32]], in lab: Lab<Exp020.Row>) throws {
    let tops = try tops(of: texts, in: lab)
    var control = RiskControl(error: Exp020.epsilon)
    control.risk = Exp020.executedRisks.max() ?? 0
    for threshold in Exp020.executedThresholds {
      try run(texts, tops, Self.validation, threshold, in: lab)
      let rows = lab.rows(of: ExecutedRow.self)
        .filter { $0.split == Self.validation && $0.threshold == threshold }
      if control.choose(Bound.executed.outcomes(rows)).threshold == nil { return }
    }
  }

  /// Runs the test texts at thresholds that were chosen.
  func judge(_ texts: [[Int32]], at thresholds: [Double], in lab: Lab<Exp020.Row>) throws {
    let tops = try tops(of: texts, in: lab)
    for threshold in thresholds { try run(texts, tops, Self.test, threshold, in: lab) }
  }

  private func run(
    _ texts: [[Int32]], _ tops: [[Int32]], _ split: String, _ threshold: Double,
    in lab: Lab<Exp020.Row>
  ) throws {
    var configuration = routers.configuration
    configuration.exitThreshold = threshold
    var policy = try TokenExit(routers: routers, model: model, configuration: configuration)
    policy.exitBridges = bridges
    let trace = DepthTrace()
    try lab.measureEach(
      raw: Array(texts.indices), "\(split) texts, exits above \(threshold)",
      by: { "\(split) \(threshold) \($0)" },
      rowKey: { (row: ExecutedRow) in "\(row.split) \(row.threshold) \(row.text)" },
      { text in
        let found = try self.tops(of: texts[text], policy, trace)
        var row = ExecutedRow(split: split, threshold: threshold, text: text)
        for place in opening..<texts[text].count {
          let differs = found[place] != tops[text][place]
          row.tokens += 1
          if trace.exitLayers[place] >= 0 {
            row.exits += 1
            row.disagreements += differs ? 1 : 0
          } else {
            row.changed += differs ? 1 : 0
          }
        }
        return [row]
      })
  }

  private func tops(of texts: [[Int32]], in lab: Lab<Exp020.Row>) throws -> [[Int32]] {
    let meter = ProgressMeter("texts, full model", total: texts.count)
    return try texts.map { text in
      defer { meter.advance() }
      return try tops(of: text, DepthPlan.full, nil)
    }
  }

  /// The most probable next token of each position.
  private func tops(
    of text: [Int32], _ policy: some DepthPolicy, _ trace: DepthTrace?
  ) throws -> [Int32] {
    var context = try model.makeContext(capacity: text.count)
    try model.forward(
      PackedTokens(text), in: &context, policy: policy, observer: trace, logits: .all)
    return text.indices.map { row in context.withLogits(row: row) { Int32($0.firstLargest) } }
  }
}
