import AISHarness
import AISKit

/// Times a question's prompt: full model, routed model with the look-up inside the clock, and a map
/// that is never sure enough, whose extra time is routing itself.
struct LatencyTrial {
  private let model: DecoderModel
  private let router: MapRouter
  private let type: ComputeType

  init(_ model: DecoderModel, _ router: MapRouter, _ type: ComputeType) {
    self.model = model
    self.router = router
    self.type = type
  }

  func run(_ prompts: [[Int32]], pairs: Int, in lab: Lab<Exp017.Row>) throws {
    try lab.measureCeiling([type]) { try ProductRate.gigaflops($0, threads: lab.threadCount) }
    let timing = InterleavedTiming(pairs: pairs)
    let routed = try lab.compare(
      "routed", timing: timing, baseline: try full(prompts), variant: try routed(prompts, router))
    let never = try MapRouter(
      map: router.map, plans: router.plans, config: model.config, k: router.k, vote: router.vote,
      confidence: .infinity)
    let fallback = try lab.compare(
      "fallback", timing: timing, baseline: try full(prompts),
      variant: try self.routed(prompts, never))
    summarize(routed, fallback, in: lab)
  }

  /// Each run takes the next prompt, so that a pair's two sides run the same one.
  private func full(_ prompts: [[Int32]]) throws -> InterleavedTiming.Side {
    var context = try model.makeContext(capacity: prompts.map(\.count).max() ?? 1)
    var next = 0
    return .init("full model") {
      context.removeAll()
      try model.forward(PackedTokens(prompts[next % prompts.count]), in: &context)
      next += 1
    }
  }

  private func routed(
    _ prompts: [[Int32]], _ router: MapRouter
  ) throws -> InterleavedTiming.Side {
    var context = try model.makeContext(capacity: prompts.map(\.count).max() ?? 1)
    var next = 0
    return .init("routed model") {
      context.removeAll()
      _ = try router.forward(prompts[next % prompts.count], model: model, in: &context)
      next += 1
    }
  }

  private func summarize(
    _ routed: TimingComparison, _ fallback: TimingComparison, in lab: Lab<Exp017.Row>
  ) {
    lab.summarize(
      SummaryValue(
        "latency_full", routed.baseline.medianMilliseconds, unit: "ms",
        "a question's prompt, full model, median of \(routed.speedup.count)", compare: .ignored,
        show: .decimals(1)))
    lab.summarize(
      SummaryValue(
        "latency_routed", routed.variant.medianMilliseconds, unit: "ms",
        "the same, routed, look-up inside the clock", compare: .ignored, show: .decimals(1)))
    // Prompts differ in length, so the ratio is taken pair by pair.
    let speedup = ratio(routed)
    lab.summarize(
      SummaryValue(
        "routed_speedup", speedup.value,
        "full over routed time, median over pairs, 95 % in \(speedup.interval.text(digits: 3))",
        compare: .ignored, show: .decimals(3)))
    let overhead = ratio(fallback)
    lab.summarize(
      SummaryValue(
        "routing_overhead", 1 / overhead.value - 1,
        "time that routing adds to a full pass, 95 % in "
          + Interval(
            lower: 1 / overhead.interval.upper - 1, upper: 1 / overhead.interval.lower - 1
          ).text(digits: 3), compare: .ignored, show: .percent(1)))
  }

  private func ratio(_ comparison: TimingComparison) -> Estimate {
    Bootstrap().median(
      of: zip(comparison.baseline.milliseconds, comparison.variant.milliseconds).map { $0 / $1 })
  }
}
