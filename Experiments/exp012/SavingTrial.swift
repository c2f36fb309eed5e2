import AISHarness
import AISKit

/// Times prefill and decode with some layers left out, in turns with the full model.
struct SavingTrial {
  /// Tokens that one timed decode makes.
  private static let decodeSteps = 8

  private let decoder: DecoderModel
  private let type: ComputeType
  private let plan: DepthPlan

  init(_ language: LanguageModel, type: ComputeType, plan: DepthPlan) {
    decoder = language.decoder
    self.type = type
    self.plan = plan
  }

  func run(in lab: Lab<Exp012.Row>, pairs: Int, tokens count: Int) throws {
    try lab.measureCeiling(
      [type], gigaflops: ProductRate(threads: lab.threadCount).gigaflops)
    let timing = InterleavedTiming(pairs: pairs)
    let rows = min(count, decoder.config.contextLength)
    // Any tokens will do: the work is the same.
    let tokens = (0..<rows).map { Int32(($0 * 31 + 7) % decoder.config.vocabularySize) }
    let prefill = try lab.compare(
      "prefill", timing: timing, baseline: try prefillSide(.full, tokens),
      variant: try prefillSide(plan, tokens))
    let decode = try lab.compare(
      "decode", timing: timing, baseline: try decodeSide(.full), variant: try decodeSide(plan))
    // Prefill is bound by arithmetic, decode by reading weights.
    let (full, left) = (prefillWork(.full, rows), prefillWork(plan, rows))
    summarize(
      "prefill", prefill, in: lab,
      ideal: full.floatingPointOperations / left.floatingPointOperations)
    summarize(
      "decode", decode, in: lab,
      ideal: decodeStep(.full).weightBytes / decodeStep(plan).weightBytes)
  }

  /// Measured saving over ideal saving, from the raw times of a table.
  static func efficiency(_ name: String, in table: ResultTable<Exp012.Row>) -> Estimate {
    let sides = ["baseline", "variant"].map { side in
      SideTimes(
        name: side, work: nil,
        milliseconds: (table.timings["\(name)_\(side)"] ?? []).map { $0 * 1_000 })
    }
    return TimingComparison(baseline: sides[0], variant: sides[1])
      .efficiency(idealSpeedup: table.number("\(name)_ideal_speedup") ?? .nan)
  }

  private func prefillWork(_ plan: DepthPlan, _ rows: Int) -> Work {
    Work(
      ModelWork(config: decoder.config, plan: plan, rows: rows, weights: decoder.weightSizes),
      type)
  }

  private func decodeStep(_ plan: DepthPlan, _ position: Int = 0) -> ModelWork {
    ModelWork(
      config: decoder.config, plan: plan, rows: 1, position: position,
      weights: decoder.weightSizes)
  }

  private func decodeWork(_ plan: DepthPlan) -> Work {
    let steps = (0..<Self.decodeSteps).map { Work(decodeStep(plan, $0), type) }
    return Work(
      floatingPointOperations: steps.reduce(0) { $0 + $1.floatingPointOperations },
      bytesRead: steps.reduce(0) { $0 + $1.bytesRead }, computeType: type)
  }

  private func prefillSide(
    _ plan: DepthPlan, _ tokens: [Int32]
  ) throws -> InterleavedTiming.Side {
    var context = try decoder.makeContext(capacity: tokens.count)
    return .init("prefill, \(plan.summary)", work: prefillWork(plan, tokens.count)) {
      context.removeAll()
      try decoder.forward(PackedTokens(tokens), in: &context, policy: plan)
    }
  }

  private func decodeSide(_ plan: DepthPlan) throws -> InterleavedTiming.Side {
    var context = try decoder.makeContext(capacity: Self.decodeSteps)
    return .init("decode, \(plan.summary)", work: decodeWork(plan)) {
      context.removeAll()
      for step in 0..<Self.decodeSteps {
        try decoder.forward(PackedTokens([Int32(step)]), in: &context, policy: plan)
      }
    }
  }

  private func summarize(
    _ name: String, _ comparison: TimingComparison, in lab: Lab<Exp012.Row>, ideal: Double
  ) {
    let efficiency = comparison.efficiency(idealSpeedup: ideal)
    let speedup = comparison.speedup
    lab.summarize(
      SummaryValue(
        "\(name)_full", comparison.baseline.medianMilliseconds, unit: "ms",
        "\(name): median time of the full model", compare: .ignored, show: .decimals(2)))
    lab.summarize(
      SummaryValue(
        "\(name)_ideal_speedup", ideal, "\(name): full work over the work left",
        show: .decimals(3)))
    lab.summarize(
      SummaryValue(
        "\(name)_speedup", speedup.value, in: speedup.interval,
        "\(name): measured, n = \(speedup.count) pairs",
        compare: .ignored, show: .decimals(3)))
    lab.summarize(
      SummaryValue(
        "\(name)_efficiency", efficiency.value, in: efficiency.interval,
        "\(name): measured saving over ideal",
        compare: .ignored, show: .decimals(3)))
  }
}
