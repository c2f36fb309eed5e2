import AISHarness
import AISKit

/// Times the full model and a variant in turns, and counts the work of the variant's loop.
final class SpeedTrial {
  private let model: DecoderModel
  private let type: ComputeType
  private let workload: SpeedWorkload
  private let routers: TokenRouters
  private let oracle: SpeedOracle
  private let bridges: ExitBridges?
  private let ceiling: MachineCeiling

  init(
    _ model: DecoderModel, _ type: ComputeType, _ workload: SpeedWorkload,
    _ routers: TokenRouters, _ oracle: SpeedOracle, _ bridges: ExitBridges?, in lab: Lab<Exp022.Row>
  ) throws {
    self.model = model
    self.type = type
    self.workload = workload
    self.routers = routers
    self.oracle = oracle
    self.bridges = bridges
    ceiling = try lab.measureCeiling(
      [type], gigaflops: ProductRate(threads: lab.threadCount).gigaflops)
  }

  func row(_ item: SpeedItem, pairs: Int, in lab: Lab<Exp022.Row>) throws -> Exp022.Row {
    var row = Exp022.Row()
    row.phase = item.phase.rawValue
    row.batch = item.batch
    row.variant = item.variant.name
    var exit = try item.variant.policy(model, routers, oracle)
    exit.exitBridges = bridges
    let full = try count(item, DepthPlan.full)
    let counted = try count(item, exit)
    let comparison = try lab.compare(
      row.timingName, timing: InterleavedTiming(pairs: pairs),
      baseline: try side(item, DepthPlan.full, full), variant: try side(item, exit, counted))
    row.exitRate = counted.statistics.exitRate
    row.meanDepth = counted.statistics.meanDepth
    row.passDepth = counted.passDepth
    row.computedRowLayers = counted.computedRowLayers
    row.filledRowLayers = counted.filledRowLayers
    set(&row, comparison, batch: item.batch, phase: item.phase)
    // The ceiling may have been raised meanwhile.
    let ceiling = lab.ceiling ?? self.ceiling
    let fullSeconds = full.seconds(at: ceiling, type)
    row.workIdeal = fullSeconds / counted.seconds(at: ceiling, type)
    row.workEfficiency = comparison.efficiency(ofIdeal: row.workIdeal).value
    let spared = full.secondsSpared(by: counted, at: ceiling, type)
    row.depthIdeal = fullSeconds / (fullSeconds - spared)
    let efficiency = comparison.efficiency(ofIdeal: row.depthIdeal)
    row.depthEfficiency = efficiency.value
    row.depthEfficiencyLower = efficiency.interval.lower
    row.depthEfficiencyUpper = efficiency.interval.upper
    return row
  }

  private func set(
    _ row: inout Exp022.Row, _ comparison: TimingComparison, batch: Int, phase: SpeedPhase
  ) {
    row.fullMilliseconds = comparison.baseline.medianMilliseconds
    row.exitMilliseconds = comparison.variant.medianMilliseconds
    let results = Double(batch * (phase == .prefill ? 1 : SpeedWorkload.steps))
    row.fullRate = results / row.fullMilliseconds * 1_000
    row.rate = results / row.exitMilliseconds * 1_000
    row.speedup = comparison.speedup.value
    row.speedupLower = comparison.speedup.interval.lower
    row.speedupUpper = comparison.speedup.interval.upper
  }

  /// Passes of one timed run, and whether the policy decides in them.
  private func passes(_ item: SpeedItem) -> [(tokens: PackedTokens, isRouted: Bool)] {
    let batch = 0..<item.batch
    switch item.phase {
    case .prefill:
      return [
        (PackedTokens(batch.map { workload.prompts[$0] }), true),
        (PackedTokens(decoding: batch.map { workload.answers[$0][0] }), false),
      ]
    case .decode:
      return (0..<SpeedWorkload.steps).map { step in
        (
          PackedTokens(decoding: batch.map { workload.answers[$0][step] }),
          step < SpeedWorkload.steps - 1
        )
      }
    }
  }

  /// A context at the start of a timed run.
  private func context(_ item: SpeedItem) throws -> DecoderContext {
    var context = try model.makeContext(
      sequences: item.batch, capacity: workload.promptLength + SpeedWorkload.steps)
    if item.phase == .decode {
      try model.forward(
        PackedTokens((0..<item.batch).map { workload.prompts[$0] }), in: &context, logits: .none)
    }
    return context
  }

  private func run(
    _ passes: [(tokens: PackedTokens, isRouted: Bool)], _ policy: some DepthPolicy,
    in context: inout DecoderContext, observer: (any ForwardObserver)? = nil,
    then body: (Int) -> Void = { _ in }
  ) throws {
    for (index, pass) in passes.enumerated() {
      if pass.isRouted {
        try model.forward(pass.tokens, in: &context, policy: policy, observer: observer)
      } else {
        try model.forward(pass.tokens, in: &context, observer: observer)
      }
      body(index)
    }
  }

  /// The counts of the loop in a timed run, taken from an untimed one.
  private func count(_ item: SpeedItem, _ policy: some DepthPolicy) throws -> SpeedCount {
    var context = try context(item)
    let trace = DepthTrace()
    var counted = SpeedCount(of: model)
    let passes = passes(item)
    var position = context.cache.lengths[0]
    try run(passes, policy, in: &context, observer: trace) { index in
      counted.add(
        trace, sequences: item.batch, position: position, isRouted: passes[index].isRouted)
      position += passes[index].tokens.rows / item.batch
    }
    return counted
  }

  private func side(
    _ item: SpeedItem, _ policy: some DepthPolicy, _ counted: SpeedCount
  ) throws -> InterleavedTiming.Side {
    var context = try context(item)
    let passes = passes(item)
    let start = context.cache.lengths[0]
    let name = policy.rowExit == nil ? "full model" : item.variant.name
    return .init("\(item.key), \(name)", work: counted.work(type)) {
      if start == 0 { context.removeAll() } else { context.truncate(to: start) }
      try self.run(passes, policy, in: &context)
    }
  }
}
