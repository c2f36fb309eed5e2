import AISKit
import TestSupport
import Testing

/// Scores of hand-made prompts on a small model: shared work must not change them.
@Suite(.everyDevice)
struct ChoiceScorerTests {
  private let shape = SyntheticModel { $0.layers = 6 }
  private let pivot = 1
  private let model: DecoderModel

  init() throws { model = try shape.load() }

  private func prompt(
    _ tokens: [Int32], _ answers: [[Int32]], readsLogits: Bool = false
  ) -> ChoicePrompt {
    ChoicePrompt(
      tokens: tokens, continuations: answers, characterCounts: answers.map { 3 * $0.count },
      readsLogits: readsLogits)
  }

  /// Prompts with a common prefix.
  ///
  /// Their answers: one of a single token among longer ones, single tokens only, and letters.
  private func group(prefix: Int, seed: UInt64) -> [ChoicePrompt] {
    let start = shape.tokens(prefix, seed: seed)
    return [
      prompt(
        start + shape.tokens(9, seed: seed + 1),
        [[5], shape.tokens(6, seed: 2), shape.tokens(3, seed: 3), [5, 6]]),
      prompt(start + shape.tokens(30, seed: seed + 2), [[5], [6], [7]]),
      prompt(start + shape.tokens(2, seed: seed + 3), [[1, 2, 3, 4], [4, 3]]),
      prompt(
        start + shape.tokens(5, seed: seed + 4), [[10], [11], [12], [13]], readsLogits: true),
    ]
  }

  private func scorer(
    _ plan: @escaping ([Float]) throws -> DepthPlan
  ) throws -> ChoiceScorer {
    try ChoiceScorer(model: model, pivot: pivot, choosePlan: plan)
  }

  /// The scores of a prompt from whole passes, one for each answer.
  private func expected(_ prompt: ChoicePrompt, _ plan: DepthPlan) throws -> [Double] {
    try prompt.continuations.map { answer in
      let tokens = prompt.tokens + answer.dropLast()
      var context = try model.makeContext(capacity: tokens.count)
      try model.forward(PackedTokens(tokens), in: &context, policy: plan, logits: .all)
      let first = prompt.tokens.count - 1
      if prompt.readsLogits { return Double(context.logits(row: first)[Int(answer[0])]) }
      return answer.enumerated().reduce(0) { sum, token in
        let row = context.logits(row: first + token.offset)
        return sum + logProbability(of: token.element, row)
      }
    }
  }

  private func expectScores(_ scores: ChoiceScores, _ prompt: ChoicePrompt, _ plan: DepthPlan)
    throws
  {
    let wanted = try expected(prompt, plan)
    #expect(scores.values.count == wanted.count)
    for (found, wanted) in zip(scores.values, wanted) { #expect(abs(found - wanted) < 1e-4) }
    let ranking =
      prompt.readsLogits ? wanted : zip(wanted, prompt.characterCounts).map { $0 / Double($1) }
    #expect(ranking[scores.best] == ranking.max())
    var context = try model.makeContext(capacity: prompt.tokens.count)
    try model.forward(PackedTokens(prompt.tokens), in: &context, policy: plan)
    let row = context.logits(row: 0)
    #expect(row[Int(scores.topToken)] == row.max())
  }

  /// Groups with a prefix that is too short to be shared, and with different shared ones.
  @Test func groupedScoresAreThoseOfWholePasses() throws {
    let plan = try DepthPlan([3: .skip, 5: .blend(alpha: 0.5)])
    let grouped = try scorer { _ in plan }
    for (prefix, seed) in [(4, 20), (24, 30), (50, 40), (0, 50)] as [(Int, UInt64)] {
      let prompts = group(prefix: prefix, seed: seed)
      try grouped.beginGroup(prompts)
      for prompt in prompts {
        let pair = try grouped.score(prompt)
        #expect(pair.plan == plan)
        try expectScores(pair.baseline, prompt, .full)
        try expectScores(pair.variant, prompt, plan)
        #expect(pair.variant.values != pair.baseline.values)
        let alone = try scorer { _ in plan }.score(prompt)
        #expect(alone.variant.best == pair.variant.best)
        for (a, b) in zip(alone.variant.values, pair.variant.values) { #expect(abs(a - b) < 1e-4) }
      }
    }
    #expect(grouped.modelSeconds > 0)
  }

  @Test func theFullPlanGivesTheBaselineItself() throws {
    let prompts = group(prefix: 24, seed: 30)
    let scorer = try scorer { _ in .full }
    try scorer.beginGroup(prompts)
    for prompt in prompts {
      let pair = try scorer.score(prompt)
      #expect(pair.plan == .full && pair.variant == pair.baseline)
      try expectScores(pair.baseline, prompt, .full)
    }
  }

  /// Plans may differ between questions, as with a prompt router.
  @Test func theProbeChoosesAndEachPlanHasItsOwnPrefix() throws {
    let prompts = group(prefix: 24, seed: 30)
    let plans = [
      try DepthPlan.skipping([2]), .full, try .skipping([4, 5]), try .skipping([2]),
    ]
    var probes: [[Float]] = []
    let scorer = try scorer { probe in
      probes.append(probe)
      return plans[probes.count - 1]
    }
    try scorer.beginGroup(prompts)
    for (prompt, plan) in zip(prompts, plans) {
      try expectScores(scorer.score(prompt).variant, prompt, plan)
    }
    let reader = try ProbeReader(model: model, pivot: pivot)
    expectClose(
      probes.flatMap { $0 }, try reader.probes(of: prompts.map(\.tokens)), tolerance: 1e-5)
  }

  @Test func promptsOfAnotherGroupOrTooLongOnesAreRefused() throws {
    let prompts = group(prefix: 24, seed: 30)
    let scorer = try scorer { _ in .full }
    try scorer.beginGroup(prompts)
    #expect(throws: RequestError.self) { try scorer.score(prompt(shape.tokens(40), [[1]])) }
    let long = prompt(Array(prompts[0].tokens.prefix(24)) + shape.tokens(230), [[1], [2, 3, 4]])
    #expect(throws: RequestError.self) { try scorer.score(long) }
    try expectScores(scorer.score(prompts[0]).baseline, prompts[0], .full)
  }

  @Test func plansThatTouchWhatHasRunAndChoicesThatFailAreErrorsAndNoMore() throws {
    struct Undecided: Error {}
    let prompts = group(prefix: 24, seed: 30)
    var calls = 0
    let scorer = try scorer { _ in
      calls += 1
      if calls == 1 { throw Undecided() }
      return calls == 2 ? try .skipping([1]) : .full
    }
    try scorer.beginGroup(prompts)
    #expect(throws: Undecided.self) { try scorer.score(prompts[0]) }
    #expect(throws: RequestError.self) { try scorer.score(prompts[0]) }
    try expectScores(scorer.score(prompts[0]).baseline, prompts[0], .full)
  }

  @Test func theFirstOfEqualAnswersIsChosen() throws {
    let tokens = shape.tokens(8)
    let same = try scorer { _ in .full }.score(prompt(tokens, [[7], [7], [7]]))
    #expect(same.baseline.best == 0)
    #expect(Set(same.baseline.values).count == 1)
  }
}
