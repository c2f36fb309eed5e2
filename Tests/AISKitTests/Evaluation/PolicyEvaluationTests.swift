import AISKit
import TestSupport
import Testing

/// Evaluations that take any policy, against those of plans.
@Suite(.everyDevice)
struct PolicyEvaluationTests {
  private let shape = SyntheticModel()
  private let model: DecoderModel

  init() throws { model = try shape.load() }

  /// Prompts that share a beginning; answers of several tokens, of one, and letters.
  private func prompts(shared: Int) -> [ChoicePrompt] {
    let start = shape.tokens(shared, seed: 20)
    let answers: [[[Int32]]] = [
      [[5], [4, 9, 1], [5, 6]], [[5], [6], [7]], [[1, 2, 3, 4], [4, 3]],
    ]
    return answers.enumerated().map { index, answers in
      ChoicePrompt(
        tokens: start + shape.tokens(4 + 9 * index, seed: UInt64(index)), continuations: answers,
        characterCounts: answers.map { 3 * $0.count }, readsLogits: index == 1)
    }
  }

  private func scores(_ scorer: ChoiceScorer, _ prompts: [ChoicePrompt]) throws -> [ChoicePair] {
    try scorer.beginGroup(prompts)
    return try prompts.map(scorer.score)
  }

  private func exit(_ fill: KVFill, after layer: Int?, minLayers: Int = 0) throws -> TokenExit {
    var configuration = TokenExitConfiguration()
    configuration.minLayers = minLayers
    configuration.kvCacheStrategy = fill
    return try TokenExit(
      schedule: { after, _, _ in after == layer }, configuration: configuration)
  }

  @Test(arguments: KVFill.allCases, [3, 12])
  func choicesOfAnImpossibleExitAreTheBaselines(fill: KVFill, shared: Int) throws {
    let random = shape.tokens(9 * shape.hidden, seed: 3).map { Float($0 - 38) / 100 }
    let routers = try TokenRouters([
      TokenRouter(
        layer: 1, width: shape.hidden, down: random, up: Array(repeating: 0.1, count: 9))
    ])
    var configuration = TokenExitConfiguration()
    configuration.minLayers = 0
    configuration.exitThreshold = 1.01
    configuration.kvCacheStrategy = fill
    let policy = try TokenExit(routers: routers, model: model, configuration: configuration)
    let prompts = prompts(shared: shared)
    let baseline = try scores(
      ChoiceScorer(model: model, pivot: 1) { _ in .full }, prompts)
    for (index, pair) in try scores(ChoiceScorer(model: model, policy: policy), prompts)
      .enumerated()
    {
      #expect(pair.variant == pair.baseline)
      #expect(pair.baseline == baseline[index].baseline)
    }
  }

  @Test(arguments: KVFill.allCases, [3, 12])
  func choicesOfAnExitOfAllAreTheHardPlans(fill: KVFill, shared: Int) throws {
    let prompts = prompts(shared: shared)
    for layer in [1, 3] {
      let plan = try DepthPlan.skipping(layer + 1..<shape.layers)
      let planned = try scores(
        ChoiceScorer(model: model, pivot: layer) { _ in plan }, prompts)
      let exited = try scores(
        ChoiceScorer(model: model, policy: exit(fill, after: layer)), prompts)
      let byPolicy = try scores(ChoiceScorer(model: model, policy: plan), prompts)
      for index in prompts.indices {
        #expect(exited[index].variant == planned[index].variant)
        #expect(exited[index].variant.values != exited[index].baseline.values)
        for (found, expected) in zip(
          byPolicy[index].variant.values, planned[index].variant.values)
        {
          #expect(abs(found - expected) < 1e-4)
        }
        #expect(byPolicy[index].plan == plan && planned[index].plan == plan)
      }
    }
  }

  @Test func choicesAlongAPath() throws {
    let plan = try DepthPlan(hard: "", path: "0-2,1-4")
    let prompts = prompts(shared: 12)
    let grouped = try scores(ChoiceScorer(model: model, policy: plan), prompts)
    for (prompt, pair) in zip(prompts, grouped) {
      let alone = try scores(ChoiceScorer(model: model, policy: plan), [prompt])[0]
      for (found, expected) in zip(pair.variant.values, alone.variant.values) {
        #expect(abs(found - expected) < 1e-4)
      }
      #expect(pair.variant.values != pair.baseline.values)
    }
  }

  @Test func aPolicyThatReadsPromptsWholeIsRefused() throws {
    struct Whole: DepthPolicy { var readsWholePrompt: Bool { true } }
    let error = #expect(throws: RequestError.self) {
      try ChoiceScorer(model: model, policy: Whole())
    }
    #expect(error?.subject == "policy")
    #expect(throws: RequestError.self) {
      try ChoiceScorer(model: model, policy: DepthPlan.skipping([5]))
    }
  }

  @Test func theFullPlanHasNoEffect() throws {
    let ablation = Ablation(model: model, units: [])
    for policy in [DepthPlan.full, try DepthPlan(hard: "", path: "0-4")] {
      let effect = try ablation.effect(of: policy, on: shape.tokens(13))
      #expect(effect.klAllPositions == 0 && effect.klLastPosition == 0)
      #expect(effect.topOneAgreement == 1 && effect.lastTopOneAgrees)
    }
    let never = try ablation.effect(of: exit(.project, after: nil), on: shape.tokens(13))
    #expect(never.klAllPositions == 0)
  }

  @Test(arguments: [0, 4]) func theEffectOfAPlanIsThatOfItsUnit(firstPosition: Int) throws {
    let units = try AblationUnit.all(layerCount: shape.layers, groups: 2)
    let ablation = Ablation(model: model, units: units)
    let prompt = shape.tokens(13)
    let effects = try ablation.effects(on: prompt, from: firstPosition)
    for (unit, effect) in zip(units, effects) {
      #expect(try ablation.effect(of: unit.plan, on: prompt, from: firstPosition) == effect)
      #expect(effect.klAllPositions > 0)
    }
  }

  @Test func theEffectOfAnExitIsThatOfTheLayersLeftOut() throws {
    let ablation = Ablation(model: model, units: [])
    let prompt = shape.tokens(13)
    let plan = try ablation.effect(of: DepthPlan.skipping([3, 4]), on: prompt)
    for fill in KVFill.allCases {
      #expect(try ablation.effect(of: exit(fill, after: 2), on: prompt) == plan)
    }
    #expect(throws: RequestError.self) {
      try ablation.effect(of: DepthPlan.full, on: prompt, from: 13)
    }
  }
}
