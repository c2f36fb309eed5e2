import AISKit
import TestSupport
import Testing

/// Relations between forward passes that hold for any weights.
@Suite(.everyDevice)
struct LoopTests {
  private struct AlwaysRun: DepthPolicy {
    func action(at step: Step, _ pass: Pass) -> StepAction { .all(.run) }
  }

  /// Runs a plan's actions, but reads the hidden states first.
  private struct LookingPlan: DepthPolicy {
    let looked: DepthPlan
    func action(at step: Step, _ pass: Pass) throws -> StepAction {
      _ = try pass.states(rows: [0])
      return .all(looked[step.layer])
    }
  }

  static let shapes: [SyntheticModel] = [
    SyntheticModel(),
    SyntheticModel {
      $0.architecture = "qwen2"
      $0.untied = false
    },
    SyntheticModel {
      $0.architecture = "qwen3"
      $0.headDim = 32
      $0.heads = 4
      $0.kvHeads = 4
    },
    SyntheticModel {
      $0.window = 7
      $0.headDim = 16
      $0.kvHeads = 1
      $0.hidden = 64
    },
  ]

  private func logits(
    _ model: DecoderModel, _ tokens: [Int32], policy: some DepthPolicy = DepthPlan.full,
    rows: LogitRows = .lastOfEach
  ) throws -> [[Float]] {
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(PackedTokens(tokens), in: &context, policy: policy, logits: rows)
    return (0..<context.logitRows).map { context.logits(row: $0) }
  }

  @Test(arguments: shapes)
  func alwaysRunningIsTheFullPlan(shape: SyntheticModel) throws {
    let model = try shape.load()
    let tokens = shape.tokens(23)
    let full = try logits(model, tokens, rows: .all)
    #expect(try logits(model, tokens, policy: AlwaysRun(), rows: .all) == full)
    let looking = LookingPlan(looked: .full)
    #expect(try logits(model, tokens, policy: looking, rows: .all) == full)
  }

  @Test(arguments: shapes)
  func aPassIsRepeatableBitForBit(shape: SyntheticModel) throws {
    let model = try shape.load()
    let tokens = shape.tokens(40)
    #expect(try logits(model, tokens, rows: .all) == logits(model, tokens, rows: .all))
  }

  @Test(arguments: shapes)
  func prefillEqualsTokenByToken(shape: SyntheticModel) throws {
    let model = try shape.load()
    let tokens = shape.tokens(37)
    let plan = try DepthPlan([1: .skip, 3: .blend(alpha: 0.4)])
    let together = try logits(model, tokens, policy: plan, rows: .all)
    var context = try model.makeContext(capacity: tokens.count)
    for (position, token) in tokens.enumerated() {
      try model.forward(PackedTokens([token]), in: &context, policy: plan)
      expectClose(context.logits(row: 0), together[position], tolerance: 1e-4)
    }
  }

  @Test(arguments: shapes)
  func prefillInPiecesEqualsPrefillAtOnce(shape: SyntheticModel) throws {
    let model = try shape.load()
    let tokens = shape.tokens(61)
    let together = try logits(model, tokens)
    for cut in [1, 15, 16, 17, 33, 60] {
      var context = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(Array(tokens[..<cut])), in: &context, logits: .none)
      #expect(context.logitRows == 0)
      try model.forward(PackedTokens(Array(tokens[cut...])), in: &context)
      expectClose(context.logits(row: 0), together[0], tolerance: 1e-4)
    }
  }

  @Test(arguments: shapes)
  func aRaggedBatchEqualsItsSequencesAlone(shape: SyntheticModel) throws {
    let model = try shape.load()
    let sequences = [
      shape.tokens(5, seed: 1), shape.tokens(31, seed: 2), shape.tokens(16, seed: 3),
    ]
    let plan = try DepthPlan(hard: "2", soft: "0=0.5")
    var context = try model.makeContext(sequences: 3, capacity: 40)
    try model.forward(PackedTokens(sequences), in: &context, policy: plan)
    for (row, sequence) in sequences.enumerated() {
      let alone = try logits(model, sequence, policy: plan)
      expectClose(context.logits(row: row), alone[0], tolerance: 1e-4)
    }
    // One decoding step of all three, each at its own position.
    try model.forward(PackedTokens(decoding: [1, 2, 3]), in: &context, policy: plan)
    for (row, sequence) in sequences.enumerated() {
      let alone = try logits(model, sequence + [Int32(row + 1)], policy: plan)
      expectClose(context.logits(row: row), alone[0], tolerance: 1e-4)
    }
  }

  /// Rotary tables grow with the positions: a long sequence after short ones replaces the tables.
  @Test func aSequenceThatIsLongerThanThoseBeforeItChangesNothingForThem() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let sequences = [9, 40, 70, 11, 200].map { shape.tokens($0, seed: UInt64($0)) }
    var context = try model.makeContext(sequences: sequences.count, capacity: 201)
    try model.forward(PackedTokens(sequences), in: &context)
    for (row, sequence) in sequences.enumerated() {
      expectClose(
        context.logits(row: row), try logits(model, sequence)[0], tolerance: 1e-4)
    }
  }

  @Test func logitsOfTheLastRowAreThoseOfAllRows() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(20)
    let all = try logits(model, tokens, rows: .all)
    #expect(all.count == 20)
    expectClose(try logits(model, tokens)[0], all[19], tolerance: 1e-5)
  }

  @Test func skippingChangesLogitsAndBlendingLessSo() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(12)
    let full = try logits(model, tokens)[0]
    func distance(_ plan: DepthPlan) throws -> Float {
      zip(try logits(model, tokens, policy: plan)[0], full).map { abs($0 - $1) }.max() ?? 0
    }
    #expect(try distance(.skipping([0])) > 1e-2)
    // Blending approaches running as α rises to 1, without a jump.
    let distances = try [0.5, 0.9, 0.99, 0.9999].map {
      try distance(.blending([2], alpha: Float($0)))
    }
    #expect(distances == distances.sorted(by: >))
    #expect(distances[3] < 1e-2)
  }

  @Test func skippingEverythingIsTheHeadOfTheEmbedding() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let plan = try DepthPlan.skipping(0..<shape.layers)
    // Without blocks a row knows only its own token.
    let first = try logits(model, [3, 9, 4], policy: plan)
    #expect(try logits(model, [4], policy: plan) == first)
  }

  @Test func aSkippedLayerCannotRunLater() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    var context = try model.makeContext(capacity: 8)
    try model.forward(
      PackedTokens(shape.tokens(3)), in: &context, policy: DepthPlan.skipping([2]))
    #expect(throws: RequestError.self) { try model.forward(PackedTokens([1]), in: &context) }
    // The refused pass has not changed the cache.
    #expect(context.cache.lengths == [3])
    try model.forward(PackedTokens([1]), in: &context, policy: DepthPlan.skipping([2]))
    #expect(context.cache.lengths == [4])
  }

  @Test func impossibleInputIsRefused() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    var context = try model.makeContext(capacity: 16)
    #expect(throws: RequestError.self) { try model.forward(PackedTokens([77]), in: &context) }
    #expect(throws: RequestError.self) { try model.forward(PackedTokens([-1]), in: &context) }
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens(shape.tokens(17)), in: &context)
    }
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([[1], [2]]), in: &context)
    }
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([1]), in: &context, policy: DepthPlan.skipping([5]))
    }
    #expect(context.cache.lengths == [0])
  }

  @Test func observersSeeEveryLayerAndItsAction() throws {
    final class Recorder: ForwardObserver {
      var actions: [LayerAction] = []
      var rows = 0
      func embedded(_ hidden: borrowing HiddenStates) { rows = hidden.rows }
      func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) {
        #expect(step.layer == actions.count)
        if case .all(let action) = action { actions.append(action) }
      }
    }
    let shape = SyntheticModel()
    let model = try shape.load()
    let recorder = Recorder()
    var context = try model.makeContext(capacity: 8)
    let plan = try DepthPlan([1: .skip, 3: .blend(alpha: 0.5)])
    try model.forward(
      PackedTokens(shape.tokens(6)), in: &context, policy: plan, observer: recorder)
    #expect(recorder.rows == 6)
    #expect(recorder.actions == [.run, .skip, .run, .blend(alpha: 0.5), .run])
  }

  @Test func twoPlansAtTheSameTimeDoNotDisturbEachOther() async throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(30)
    let plans = [DepthPlan.full, try .skipping([1, 2]), try .blending([0, 4], alpha: 0.3)]
    let alone = try plans.map { try logits(model, tokens, policy: $0, rows: .all) }
    try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
      for round in 0..<12 {
        group.addTask {
          (round % 3, try logits(model, tokens, policy: plans[round % 3], rows: .all))
        }
      }
      for try await (plan, together) in group { #expect(together == alone[plan]) }
    }
  }
}
