import AISHarness
import AISKit

/// Times a question's prompt on the full model, on the routed model with the look-up inside the
/// clock, and with a map that always falls back; its extra time is the cost of routing.
struct LatencyTrial {
  private let model: DecoderModel
  private let router: MapRouter

  init(_ model: DecoderModel, _ router: MapRouter) {
    self.model = model
    self.router = router
  }

  func run(_ prompts: [[Int32]], pairs: Int, in lab: Lab<Exp017.Row>) throws {
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
    // Prompts differ in length, so ratios are taken pair by pair.
    let speedup = Self.ratio(routed.baseline.milliseconds, routed.variant.milliseconds)
    lab.summarize(
      SummaryValue(
        "routed_speedup", speedup.value, in: speedup.interval,
        "full over routed time, median over pairs",
        compare: .ignored, show: .decimals(3)))
    let added = Self.added(fallback.baseline.milliseconds, fallback.variant.milliseconds)
    lab.summarize(
      SummaryValue(
        "routing_overhead", added.value, in: added.interval,
        "time that routing adds to a full pass, median over pairs", compare: .ignored,
        show: .percent(2)))
  }

  /// Whether routing costs at most this share of a full pass, from the times that a table keeps.
  static func overhead(in table: ResultTable<Exp017.Row>, atMost share: Double) -> Finding {
    guard let full = table.timings["fallback_baseline"],
      let routed = table.timings["fallback_variant"], full.count == routed.count
    else { return .open("no times were kept") }
    return .atMost(added(full, routed), threshold: share, of: "pairs", show: .percent(2))
  }

  /// The share of a full pass's time that routing adds.
  private static func added(_ full: [Double], _ routed: [Double]) -> Estimate {
    Bootstrap().median(of: zip(full, routed).map { $1 / $0 - 1 })
  }

  private static func ratio(_ full: [Double], _ routed: [Double]) -> Estimate {
    Bootstrap().median(of: zip(full, routed).map { $0 / $1 })
  }
}
