import AISKit
import TestSupport
import Testing

/// The work of a pass that was traced is that of its plan.
@Suite(.everyDevice)
struct TracedWorkTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel
  private let plans: [DepthPlan]

  init() throws {
    model = try shape.load()
    plans = [
      .full, try .skipping([1]), try .skipping([3, 4]), try .skipping(0..<5),
      try .blending([1, 4], alpha: 0.5), try DepthPlan([2: .skipAttention]),
      try DepthPlan([2: .skipFeedForward, 4: .skipAttention]),
      try DepthPlan([4: .skipFeedForward]), try Self.bridge(LayerRun(1, 2), model),
      try Self.bridge(LayerRun(3, 4), model),
      try DepthPlan(hard: "2", soft: "1=0.5", path: "0-2,1-4"),
      try DepthPlan(hard: "", path: "0-1"),
    ]
  }

  private static func bridge(_ run: LayerRun, _ model: DecoderModel) throws -> DepthPlan {
    let width = model.config.hiddenSize
    let bridge = try Bridge(
      run: run, width: width, map: .full([Float](repeating: 0.01, count: width * width)),
      bias: [Float](repeating: 0, count: width), firstPosition: .mapped)
    return try Bridges([bridge]).plan(for: model)
  }

  @Test(arguments: [LogitRows.lastOfEach, .all, .none])
  func aPromptsWorkIsThatOfItsPlan(logits: LogitRows) throws {
    let logitRows = logits == .all ? 7 : logits == .none ? 0 : 1
    for plan in plans {
      for sequences in [1, 3] {
        let trace = DepthTrace()
        let texts = (0..<sequences).map { shape.tokens(7, seed: UInt64($0)) }
        _ = try model.logits(of: texts, plan, observer: trace, rows: logits)
        let found = ModelWork(
          config: model.config, tracedBy: trace, sequences: sequences, rows: 7,
          logitRows: logitRows, weights: .f32)
        let expected = ModelWork(
          config: model.config, plan: plan, sequences: sequences, rows: 7, logitRows: logitRows,
          weights: .f32)
        #expect(found == expected, "\(plan.summary), \(sequences) sequences")
        #expect(logitRows == 0 || expected.floatingPointOperations > 0)
      }
    }
  }

  @Test func aDecodedTokensWorkIsThatOfItsPlan() throws {
    for plan in plans {
      let trace = DepthTrace()
      var context = try model.makeContext(sequences: 2, capacity: 16, path: plan.path)
      try model.forward(
        PackedTokens([shape.tokens(9, seed: 1), shape.tokens(9, seed: 2)]), in: &context,
        policy: plan)
      try model.forward(
        PackedTokens(decoding: [3, 4]), in: &context, policy: plan, observer: trace)
      let found = ModelWork(
        config: model.config, tracedBy: trace, sequences: 2, rows: 1, position: 9, weights: .bf16)
      let expected = ModelWork(
        config: model.config, plan: plan, sequences: 2, rows: 1, position: 9, weights: .bf16)
      #expect(found == expected, "\(plan.summary)")
    }
  }

  /// Rows that exited and rows that a policy lets skip are no work.
  @Test func rowsThatDoNotRunAreNoWork() throws {
    func work(_ policy: some DepthPolicy) throws -> ModelWork {
      let trace = DepthTrace()
      var context = try model.makeContext(sequences: 4, capacity: 16)
      try model.forward(
        PackedTokens((0..<4).map { shape.tokens(9, seed: UInt64($0)) }), in: &context)
      try model.forward(
        PackedTokens(decoding: [3, 4, 5, 6]), in: &context, policy: policy, observer: trace)
      return ModelWork(
        config: model.config, tracedBy: trace, sequences: 4, rows: 1, position: 9, weights: .f32)
    }
    func expected(_ activeRows: [Int]) -> ModelWork {
      ModelWork(
        config: model.config, sequences: 4, rows: 1, position: 9, activeRows: activeRows,
        weights: .f32)
    }
    let skipping = RowPolicy(fills: false) { layer, sequence, _ in
      layer == 2 && sequence > 0 ? .skip : .run
    }
    #expect(try work(skipping) == expected([4, 4, 1, 4, 4]))
    for compaction in [0, 2] as [Double] {
      let exiting = RowPolicy(
        rowExit: RowExit(
          rule: ScheduledExit { layer, sequence, _ in layer == 1 && sequence < 2 },
          compactionThreshold: compaction)
      ) { _, _, _ in .run }
      #expect(try work(exiting) == expected([4, 4, 2, 2, 2]))
    }
  }
}
