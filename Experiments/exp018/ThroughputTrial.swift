import AISHarness
import AISKit

/// Times prefill and decode of a batch with the full model and the plan, in turns.
final class ThroughputTrial {
  enum Phase: String, CaseIterable {
    case prefill
    case decode
  }

  /// Tokens that one timed decode makes for each sequence.
  private static let decodeSteps = 8

  private let model: DecoderModel
  private let type: ComputeType
  private let plan: DepthPlan
  private let tokens: Int
  private let ceiling: MachineCeiling

  init(
    _ model: DecoderModel, _ type: ComputeType, _ plan: DepthPlan, tokens: Int,
    in lab: Lab<Exp018.Row>
  ) throws {
    self.model = model
    self.type = type
    self.plan = plan
    self.tokens = min(tokens, model.config.contextLength - Self.decodeSteps)
    ceiling = try lab.measureCeiling(
      [type], gigaflops: ProductRate(threads: lab.threadCount).gigaflops)
  }

  func row(
    _ phase: Phase, batch: Int, pairs: Int, in lab: Lab<Exp018.Row>
  ) throws -> Exp018.Row {
    let comparison = try lab.compare(
      "\(phase.rawValue)_\(batch)", timing: InterleavedTiming(pairs: pairs),
      baseline: try side(phase, batch, .full), variant: try side(phase, batch, plan))
    // The ceiling may have been raised meanwhile.
    let ceiling = lab.ceiling ?? self.ceiling
    let ideal =
      work(phase, batch, .full).seconds(at: ceiling, in: type)
      / work(phase, batch, plan).seconds(at: ceiling, in: type)
    let efficiency = comparison.efficiency(ofIdeal: ideal)
    var row = Exp018.Row()
    row.phase = phase.rawValue
    row.batch = batch
    row.fullMilliseconds = comparison.baseline.medianMilliseconds
    row.leftMilliseconds = comparison.variant.medianMilliseconds
    // A prefill counts one request per sequence, a decode one token per step and sequence.
    let results = Double(batch * (phase == .prefill ? 1 : Self.decodeSteps))
    row.fullRate = results / row.fullMilliseconds * 1_000
    row.leftRate = results / row.leftMilliseconds * 1_000
    row.speedup = comparison.speedup.value
    row.speedupLower = comparison.speedup.interval.lower
    row.speedupUpper = comparison.speedup.interval.upper
    row.ideal = ideal
    row.efficiency = efficiency.value
    row.efficiencyLower = efficiency.interval.lower
    row.efficiencyUpper = efficiency.interval.upper
    let steps = phase == .prefill ? 1.0 : Double(Self.decodeSteps)
    let left = work(phase, batch, plan)
    row.gigaflops = left.floatingPointOperations * steps / row.leftMilliseconds / 1e6
    row.gigabytes = left.weightBytes * steps / row.leftMilliseconds / 1e6
    return row
  }

  /// The work of one prefill, or of one step of decode halfway through.
  private func work(_ phase: Phase, _ batch: Int, _ plan: DepthPlan) -> ModelWork {
    switch phase {
    case .prefill:
      ModelWork(
        config: model.config, plan: plan, sequences: batch, rows: tokens,
        weights: model.weightSizes)
    case .decode:
      ModelWork(
        config: model.config, plan: plan, sequences: batch, rows: 1,
        position: tokens + Self.decodeSteps / 2, weights: model.weightSizes)
    }
  }

  private func side(
    _ phase: Phase, _ batch: Int, _ plan: DepthPlan
  ) throws -> InterleavedTiming.Side {
    let name = "\(phase.rawValue) of \(batch), \(plan.summary)"
    let step = Work(work(phase, batch, plan), type)
    switch phase {
    case .prefill:
      let prompts = PackedTokens((0..<batch).map { prompt($0) })
      var context = try model.makeContext(sequences: batch, capacity: tokens)
      return .init(name, work: step) {
        context.removeAll()
        try self.model.forward(prompts, in: &context, policy: plan)
      }
    case .decode:
      return try decodeSide(name, step, batch, plan)
    }
  }

  /// Decodes after the prompts, whose keys and values stay in the cache.
  private func decodeSide(
    _ name: String, _ step: Work, _ batch: Int, _ plan: DepthPlan
  ) throws -> InterleavedTiming.Side {
    var context = try model.makeContext(
      sequences: batch, capacity: tokens + Self.decodeSteps)
    try model.forward(
      PackedTokens((0..<batch).map { prompt($0) }), in: &context, policy: plan, logits: .none)
    let work = Work(
      floatingPointOperations: step.floatingPointOperations * Double(Self.decodeSteps),
      bytesRead: step.bytesRead * Double(Self.decodeSteps), computeType: type)
    return .init(name, work: work) {
      context.truncate(to: self.tokens)
      for step in 0..<Self.decodeSteps {
        let next = PackedTokens(decoding: (0..<batch).map { Int32(($0 + step) % 100) })
        try self.model.forward(next, in: &context, policy: plan)
      }
    }
  }

  /// Any tokens will do: the work is the same.
  private func prompt(_ sequence: Int) -> [Int32] {
    (0..<tokens).map { Int32(($0 * 31 + sequence * 17 + 7) % model.config.vocabularySize) }
  }

  static func tabulate(in lab: Lab<Exp018.Row>) {
    for phase in Phase.allCases {
      lab.tabulate(
        DerivedTable(
          "\(phase.rawValue)_curve", title: "\(phase.rawValue) by batch size",
          rows: lab.rows.filter { $0.phase == phase.rawValue }, isShown: false))
      lab.draw(
        Figure(
          name: "\(phase.rawValue)_speedup",
          title: "Speed-up of \(phase.rawValue) by batch size",
          table: "\(phase.rawValue)_curve",
          kind: .lines(
            x: "batch", value: "speedup", lower: "speedup_lower", upper: "speedup_upper",
            series: nil, ideal: "ideal"),
          xLabel: "sequences in the batch", yLabel: "speed-up", logX: true))
    }
  }
}
