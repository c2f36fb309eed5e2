import AISKit
import TestSupport
import Testing

/// Passes that stop between layers, continue with different plans, and share prefixes.
@Suite(.everyDevice)
struct PassTests {
  private static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.window = 7
      $0.headDim = 16
      $0.kvHeads = 1
      $0.hidden = 64
    },
  ]

  private func fresh(
    _ model: DecoderModel, _ tokens: [Int32], _ plan: DepthPlan = .full
  ) throws -> [Float] {
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(PackedTokens(tokens), in: &context, policy: plan)
    return context.logits(row: 0)
  }

  @Test(arguments: shapes)
  func aContinuedPassIsAFreshOneBitForBit(shape: SyntheticModel) throws {
    let model = try shape.load()
    let tokens = shape.tokens(29)
    var context = try model.makeContext(capacity: 64)
    for pivot in 0..<shape.layers {
      var plans = [DepthPlan.full]
      if pivot + 1 < shape.layers {
        plans.append(try .skipping(pivot + 1..<shape.layers))
        plans.append(try .blending([pivot + 1], alpha: 0.3))
        plans.append(try DepthPlan([pivot + 1: .skipAttention]))
      }
      for plan in plans {
        context.removeAll()
        try model.begin(PackedTokens(tokens), in: &context, through: pivot)
        #expect(context.logitRows == 0)
        try model.finish(in: &context, policy: plan)
        #expect(context.logits(row: 0) == (try fresh(model, tokens, plan)))
        // The cache continues as after a new pass.
        try model.forward(PackedTokens(decoding: [3]), in: &context, policy: plan)
        let next = context.logits(row: 0)
        var other = try model.makeContext(capacity: 64)
        try model.forward(PackedTokens(tokens), in: &other, policy: plan)
        try model.forward(PackedTokens(decoding: [3]), in: &other, policy: plan)
        #expect(next == other.logits(row: 0))
      }
    }
  }

  @Test func aPlanThatTouchesWhatHasRunIsRefusedAndThePassStaysOpen() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(12)
    var context = try model.makeContext(capacity: 32)
    try model.begin(PackedTokens(tokens), in: &context, through: 2)
    for layer in 0...2 {
      #expect(throws: RequestError.self) {
        try model.finish(in: &context, policy: DepthPlan.skipping([layer]))
      }
      #expect(throws: RequestError.self) {
        try model.advance(in: &context, through: 3, policy: DepthPlan.blending([layer], alpha: 0.5))
      }
    }
    try model.advance(in: &context, through: 3)
    try model.finish(in: &context)
    #expect(context.logits(row: 0) == (try fresh(model, tokens)))
  }

  @Test func anAbandonedPassLeavesNoTrace() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(12)
    var context = try model.makeContext(capacity: 32)
    try model.begin(PackedTokens(tokens), in: &context, through: 2)
    context.abandonPass()
    #expect(context.cache.lengths == [0])
    try model.forward(PackedTokens(tokens), in: &context)
    #expect(context.logits(row: 0) == (try fresh(model, tokens)))
    #expect(throws: RequestError.self) {
      try model.begin(PackedTokens([[]]), in: &context, through: 2)
    }
  }

  @Test(arguments: shapes)
  func plansThatPartLateComeFirstFromSnapshots(shape: SyntheticModel) throws {
    let model = try shape.load()
    let sequences = [shape.tokens(9, seed: 1), shape.tokens(21, seed: 2)]
    var context = try model.makeContext(sequences: 2, capacity: 32)
    try model.begin(PackedTokens(sequences), in: &context, through: 0)
    var snapshots = [context.snapshot()]
    for layer in 1..<shape.layers - 1 {
      try model.advance(in: &context, through: layer)
      snapshots.append(context.snapshot())
    }
    for snapshot in snapshots.reversed() {
      for action: LayerAction in [.skip, .skipFeedForward, .blend(alpha: 0.6)] {
        let plan = try DepthPlan([snapshot.nextLayer: action])
        context.restore(snapshot)
        try model.finish(in: &context, policy: plan)
        for (row, tokens) in sequences.enumerated() {
          expectClose(context.logits(row: row), try fresh(model, tokens, plan), tolerance: 1e-5)
        }
      }
    }
  }

  @Test(arguments: shapes)
  func aSharedPrefixGivesWhatTheWholePromptGives(shape: SyntheticModel) throws {
    let model = try shape.load()
    let plan = try DepthPlan([3: .skip, 4: .blend(alpha: 0.5)])
    for length in [1, 15, 16, 17, 30] {
      let prefix = shape.tokens(length, seed: 5)
      let tails = [shape.tokens(4, seed: 6), shape.tokens(11, seed: 7)]
      var source = try model.makeContext(capacity: length)
      try model.forward(PackedTokens(prefix), in: &source, policy: plan, logits: .none)
      var context = try model.makeContext(sequences: 2, capacity: 64)
      try context.adoptPrefix(of: source, positions: length)
      try model.forward(PackedTokens(tails), in: &context, policy: plan)
      for (row, tail) in tails.enumerated() {
        let whole = try fresh(model, prefix + tail, plan)
        expectClose(context.logits(row: row), whole, tolerance: 1e-5)
      }
    }
  }

  /// Up to the layer at which two plans differ, they share one prefix.
  ///
  /// After it each has its own.
  @Test func aPrefixOfAnotherPlanIsTakenOverAheadOfAnOpenPass() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let (prefix, tail) = (shape.tokens(19, seed: 5), shape.tokens(8, seed: 6))
    let plan = try DepthPlan.skipping([3])
    func prefixContext(_ plan: DepthPlan) throws -> DecoderContext {
      var context = try model.makeContext(capacity: 32)
      try model.forward(PackedTokens(prefix), in: &context, policy: plan, logits: .none)
      return context
    }
    let full = try prefixContext(.full)
    let skipped = try prefixContext(plan)
    var context = try model.makeContext(capacity: 48)
    try context.adoptPrefix(of: full, positions: prefix.count)
    try model.begin(PackedTokens(tail), in: &context, through: 2)
    let fork = context.snapshot()
    try model.finish(in: &context)
    expectClose(context.logits(row: 0), try fresh(model, prefix + tail), tolerance: 1e-5)
    context.restore(fork)
    try context.adoptPrefix(of: skipped, positions: prefix.count, layers: 3..<shape.layers)
    try model.finish(in: &context, policy: plan)
    expectClose(context.logits(row: 0), try fresh(model, prefix + tail, plan), tolerance: 1e-5)
  }

  @Test func skippedHalvesAreThoseOfPlainLoops() throws {
    let shape = SyntheticModel()
    let (model, reference) = (try shape.load(), try shape.loadReference())
    let tokens = shape.tokens(18)
    for action: LayerAction in [.skipAttention, .skipFeedForward] {
      let plan = try DepthPlan([1: action, 4: .skip])
      let trace = DepthTrace()
      var context = try model.makeContext(capacity: 18)
      try model.forward(PackedTokens(tokens), in: &context, policy: plan, observer: trace)
      expectClose(context.logits(row: 0), try fresh(reference, tokens, plan), tolerance: 1e-4)
      #expect(context.logits(row: 0) != (try fresh(model, tokens, .skipping([1, 4]))))
      #expect(trace.executedLayers == 4)
      #expect(trace.executedAttentions == (action == .skipAttention ? 3 : 4))
      #expect(trace.executedFeedForwards == (action == .skipAttention ? 4 : 3))
    }
    // Skipping both halves is skipping the layer.
    let both = try fresh(model, tokens, DepthPlan([2: .skip]))
    #expect(both != (try fresh(model, tokens)))
  }

  @Test func plansOfHalvesReadAndPrint() throws {
    let plan = try DepthPlan(hard: "8-9a,3,12f", soft: "5=0.5")
    #expect(plan[8] == .skipAttention && plan[9] == .skipAttention)
    #expect(plan[12] == .skipFeedForward && plan[3] == .skip)
    #expect(plan.summary == "hard 3,8-9a,12f soft 5=0.5")
    #expect(try DepthPlan(hard: plan.hardList, soft: "5=0.5") == plan)
    #expect(plan.firstChangedLayer == 3)
    #expect(throws: RequestError.self) { try DepthPlan(hard: "3,3a") }
    #expect(throws: RequestError.self) { try DepthPlan(hard: "a") }
  }
}
