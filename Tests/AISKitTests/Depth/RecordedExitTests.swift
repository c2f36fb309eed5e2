import AISKit
import TestSupport
import Testing

/// A device that decides about exits itself does what single passes do.
@Suite(.everyDevice)
struct RecordedExitTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel
  private let prompts: [[Int32]] = [[3, 1, 4], [1, 5, 9, 2, 6], [5]]

  init() throws { model = try shape.load() }

  private func check(
    _ policy: TokenExit, prefill: some DepthPolicy = DepthPlan.full, after plan: DepthPlan = .full
  ) throws {
    var one = try model.makeContext(sequences: 3, capacity: 120)
    var other = try model.makeContext(sequences: 3, capacity: 120)
    try model.forward(PackedTokens(prompts), in: &one, policy: prefill)
    try model.forward(PackedTokens(prompts), in: &other, policy: prefill)
    #expect(model.decodesAhead(policy, in: other) == (TestDevice.current == .deferred))
    let given: [[Int32]] = [[1, 2, 3], [70, 0, 4], [9, 9, 9]]
    // Passes of its own choice, then given ones, then more than are filled together.
    for (count, given) in [(1, []), (6, given), (33, [])] {
      let expected = try model.decodeSingly(
        [7, 8, 9], count: count, given: given, in: &one, policy: policy)
      let found = try model.decode(
        [7, 8, 9], count: count, given: given, in: &other, policy: policy)
      #expect(found == expected)
      // Passes were recorded, not given up.
      #expect(model.decodesAhead(policy, in: other) == (TestDevice.current == .deferred))
    }
    #expect(other.cache.lengths == one.cache.lengths)
    // A pass without exits reads what exited rows left, and so does one after it.
    for _ in 0..<2 {
      let next = PackedTokens([[1, 2], [3], [4, 5, 6]])
      try model.forward(next, in: &one, policy: plan)
      try model.forward(next, in: &other, policy: plan)
      for row in 0..<3 { #expect(one.logits(row: row) == other.logits(row: row)) }
    }
    // A shortened context goes on, recorded or not.
    one.truncate(to: 10)
    other.truncate(to: 10)
    #expect(
      try model.decode([1, 2, 3], count: 9, in: &other, policy: policy)
        == model.decodeSingly([1, 2, 3], count: 9, in: &one, policy: policy))
  }

  private func configuration(_ fill: KVFill) -> TokenExitConfiguration {
    TokenExitTests.configuration(fill, compaction: 2)
  }

  @Test(arguments: KVFill.allCases) func rowsExitAtDifferentDepths(fill: KVFill) throws {
    try check(
      TokenExit(
        after: [0, 1, 3], schedule: TokenExitTests.scattered, configuration: configuration(fill)))
  }

  /// All rows exit early for many passes, and then one row runs on.
  @Test(arguments: KVFill.allCases) func manyPassesOweALayer(fill: KVFill) throws {
    try check(
      TokenExit(
        after: [1, 2],
        schedule: { layer, sequence, position in
          layer == 1 ? position % 19 != 18 || sequence == 2 : sequence == 1
        }, configuration: configuration(fill)))
  }

  @Test(arguments: KVFill.allCases) func routersDecide(fill: KVFill) throws {
    let routers = try TokenExitTests.routers(shape)
    try check(
      TokenExit(
        routers: routers, model: model, configuration: configuration(fill)))
  }

  @Test func someLayersAreLeftOut() throws {
    try check(
      TokenExit(
        after: [1, 3], schedule: TokenExitTests.scattered, configuration: configuration(.project),
        plan: .skipping([2])), prefill: DepthPlan.skipping([2]), after: .skipping([2]))
  }

  /// What the prompt's rows owe is filled before passes are recorded.
  @Test(arguments: KVFill.allCases) func thePromptHasExits(fill: KVFill) throws {
    let exit = try TokenExit(
      after: [0, 2], schedule: TokenExitTests.scattered, configuration: configuration(fill))
    try check(exit, prefill: exit)
  }

  /// The same recorded pass serves other routers and schedules only where it may.
  @Test func otherThresholdsAreOtherPasses() throws {
    let routers = try TokenExitTests.routers(shape)
    var context = try model.makeContext(sequences: 3, capacity: 90)
    var counts: [Int] = []
    for threshold in [0.0, 1.01, 0.0] {
      let policy = try TokenExit(
        routers: routers, model: model,
        configuration: TokenExitTests.configuration(threshold: threshold))
      context.removeAll()
      try model.forward(PackedTokens(prompts), in: &context)
      let passes = try model.decode([1, 2, 3], count: 8, in: &context, policy: policy)
      counts.append(passes.reduce(0) { $0 + $1.exitLayers.count { $0 >= 0 } })
      #expect(passes.allSatisfy { $0.executedLayers == (threshold > 1 ? [5, 5, 5] : [2, 2, 2]) })
    }
    #expect(counts == [24, 0, 24])
  }

  @Test func generationCountsExits() throws {
    let exit = try TokenExit(
      after: [1], schedule: { _, _, position in position % 3 == 0 },
      configuration: configuration(.project))
    var (tokens, others): ([GeneratedToken], [GeneratedToken]) = ([], [])
    let generator = Generator(model: model)
    _ = try generator.generate(prompt: [3, 1, 4], maxTokens: 30, policy: exit) {
      tokens.append($0)
      return true
    }
    _ = try generator.generate(prompt: [3, 1, 4], maxTokens: 30, policy: HostDecided(exit)) {
      others.append($0)
      return true
    }
    #expect(tokens == others)
    #expect(tokens.contains { $0.exitLayer == 1 } && tokens.contains { $0.exitLayer == nil })
  }

  /// A recorded pass without exits depends on what the cache holds for positions that exited.
  @Test func anotherFillIsAnotherPass() throws {
    var context = try model.makeContext(sequences: 3, capacity: 90)
    var other = try model.makeContext(sequences: 3, capacity: 90)
    for fill in [KVFill.project, .hole, .zero, .project] {
      let exit = try TokenExit(
        after: [1], schedule: TokenExitTests.scattered, configuration: configuration(fill))
      context.removeAll()
      other.removeAll()
      try model.forward(PackedTokens(prompts), in: &context, policy: exit)
      try model.forward(PackedTokens(prompts), in: &other, policy: exit)
      let found = try model.decode([1, 2, 3], count: 6, in: &context)
      let expected = try model.decodeSingly([1, 2, 3], count: 6, in: &other)
      #expect(found == expected, "\(fill.rawValue)")
      // Equal tokens may hide unequal numbers.
      try model.forward(PackedTokens(decoding: [4, 5, 6]), in: &context)
      try model.forward(PackedTokens(decoding: [4, 5, 6]), in: &other)
      for row in 0..<3 { #expect(context.logits(row: row) == other.logits(row: row)) }
    }
  }
}
