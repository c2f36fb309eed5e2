import AISKit
import Testing

/// A policy as another package would write it.
struct OwnPolicyTests {
  /// A sequence whose prompt ends with a long state after layer 0 skips layers 2 and 3; in others, rows at odd
  /// positions blend layer 1.
  private struct LengthPolicy: DepthPolicy {
    /// What it remembers: the length of each sequence's state.
    struct Lengths: Sendable { var bySequence: [Int: Float] = [:] }

    let bound: Float
    var readsWholePrompt: Bool { true }
    var fillsSkippedRows: Bool { false }

    func begin(_ pass: Pass) throws {
      if pass.memory == nil { pass.memory = Lengths() }
    }

    func action(at step: Step, _ pass: Pass) throws -> StepAction {
      guard step.index > 0, var lengths = pass.memory as? Lengths else { return .all(.run) }
      let fresh = pass.lastRows.filter { lengths.bySequence[$0.sequence] == nil }
      if !fresh.isEmpty {
        let states = try pass.states(rows: fresh.map(\.row))
        let width = states.count / fresh.count
        for (place, own) in fresh.enumerated() {
          let state = states[place * width..<(place + 1) * width]
          lengths.bySequence[own.sequence] = state.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        pass.memory = lengths
      }
      return .rows(
        (0..<pass.rowCount).map { row in
          let (sequence, position) = pass.place(of: row)
          if (lengths.bySequence[sequence] ?? 0) > bound { return step.layer > 1 ? .skip : .run }
          return step.layer == 1 && position % 2 == 1 ? .blend(alpha: 0.5) : .run
        })
    }

    func validate(for config: ModelConfig, from firstStep: Int) throws {
      guard config.layerCount > 3, firstStep <= 1 else {
        throw RequestError("length policy", expected: "four layers or more", found: "fewer")
      }
    }
  }

  private let checkpoint: TinyCheckpoint
  private var decoder: DecoderModel { checkpoint.model.decoder }
  private let prompts: [[Int32]] = [[3, 1, 4, 1, 5], [9, 2, 6]]

  init() throws { checkpoint = try TinyCheckpoint() }

  /// The length of the last state after layer 0.
  private func length(_ prompt: [Int32]) throws -> Float {
    let capture = HiddenStateCapture(layers: [0])
    capture.rows = [prompt.count - 1]
    _ = try decoder.rows(of: [prompt], observer: capture)
    return try #require(capture.captured[0]).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test func eachSequenceIsDecidedOnceAndRemembered() throws {
    let lengths = try prompts.map(length)
    let bound = (lengths[0] + lengths[1]) / 2
    let policy = LengthPolicy(bound: bound)
    let long = lengths[0] > bound ? 0 : 1
    var context = try decoder.makeContext(sequences: 2, capacity: 16)
    let trace = DepthTrace()
    try decoder.forward(PackedTokens(prompts), in: &context, policy: policy, observer: trace)
    let remembered = try #require(context.memory as? LengthPolicy.Lengths)
    #expect(remembered.bySequence == [0: lengths[0], 1: lengths[1]])
    #expect(trace.executedLayers(ofRow: long == 0 ? 0 : 5) == 2)
    #expect(trace.executedLayers(ofRow: long == 0 ? 5 : 0) == 4)
    let first = context.logits(row: long)
    try decoder.forward(PackedTokens(decoding: [7, 8]), in: &context, policy: policy)
    #expect(
      (context.memory as? LengthPolicy.Lengths)?.bySequence == remembered.bySequence)

    let plan = try DepthPlan.skipping([2, 3])
    var alone = try decoder.makeContext(capacity: 16)
    try decoder.forward(PackedTokens(prompts[long]), in: &alone, policy: plan)
    expectNear(first, alone.logits(row: 0))
    try decoder.forward(PackedTokens([Int32(7 + long)]), in: &alone, policy: plan)
    expectNear(context.logits(row: long), alone.logits(row: 0))
    context.removeAll()
    #expect(context.memory == nil)
  }

  @Test func aLanguageModelTakesIt() throws {
    let prompt = try checkpoint.model.prompts.encode("cabbage")
    #expect(prompt.count == 7)
    let all = try checkpoint.model.logits(of: prompt, policy: LengthPolicy(bound: -1))
    #expect(try all == checkpoint.model.logits(of: prompt, policy: DepthPlan.skipping([2, 3])))
    let blended = try checkpoint.model.logits(of: prompt, policy: LengthPolicy(bound: .infinity))
    #expect(try blended != checkpoint.model.logits(of: prompt) && blended != all)
    var tokens: [Int32] = []
    _ = try Generator(model: decoder).generate(
      prompt: prompt, maxTokens: 5, policy: LengthPolicy(bound: -1),
      prefilled: { #expect(($0 as? LengthPolicy.Lengths)?.bySequence.count == 1) },
      receive: {
        #expect($0.executedLayers == 2)
        tokens.append($0.id)
        return true
      })
    #expect(tokens.count == 5)
  }

  @Test func aPathOfItsOwnIsTaken() throws {
    struct Twice: DepthPolicy {
      let path: LayerPath
    }
    let prompt = prompts[0]
    let twice = Twice(path: try LayerPath([0, 1, 1, 2, 3]))
    let logits = try checkpoint.model.logits(of: prompt, policy: twice)
    #expect(try [logits] != [checkpoint.model.logits(of: prompt)])
    #expect(
      try logits
        == checkpoint.model.logits(of: prompt, policy: DepthPlan([:], path: twice.path)))
    #expect(try logits == decoder.rows(of: [prompt], twice)[4])
  }

  @Test func whatItRefusesIsRefused() throws {
    var context = try decoder.makeContext(capacity: 8)
    try decoder.begin(PackedTokens(prompts[0]), in: &context, through: 1)
    let error = #expect(throws: RequestError.self) {
      try decoder.finish(in: &context, policy: LengthPolicy(bound: 1))
    }
    #expect(error?.subject == "length policy")
    try decoder.finish(in: &context)
    #expect(context.cache.lengths == [5])
  }
}

/// Expects numbers that are equal but for rounding.
func expectNear(
  _ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
) {
  let isNear =
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }
  #expect(isNear, sourceLocation: sourceLocation)
}
