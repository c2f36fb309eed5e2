import AISKit
import TestSupport
import Testing

/// Effects from one pass with snapshots, compared with a separate pass for each unit.
@Suite(.everyDevice)
struct AblationTests {
  private let shape = SyntheticModel()

  private func logits(
    _ model: DecoderModel, _ prompt: [Int32], _ plan: DepthPlan
  ) throws -> [Float] {
    var context = try model.makeContext(capacity: prompt.count)
    try model.forward(PackedTokens(prompt), in: &context, policy: plan, logits: .all)
    return context.withAllLogits { Array($0) }
  }

  private func rows(_ base: [Float], _ other: [Float]) -> [LogitComparison] {
    base.withUnsafeBufferPointer { base in
      other.withUnsafeBufferPointer {
        LogitComparison.rows(base: base, other: $0, width: shape.vocabulary)
      }
    }
  }

  @Test func everyEffectIsThatOfAPassOfItsOwn() throws {
    let model = try shape.load()
    let units = try AblationUnit.all(layerCount: shape.layers, groups: 2)
    let ablation = Ablation(model: model, units: units)
    // A longer prompt, then a shorter one: the second is not affected by the first.
    for (length, seed) in [(33, 1), (7, 2), (1, 3)] as [(Int, UInt64)] {
      let prompt = shape.tokens(length, seed: seed)
      let base = try logits(model, prompt, .full)
      let effects = try ablation.effects(on: prompt)
      #expect(effects.count == units.count)
      for (unit, effect) in zip(units, effects) {
        let what: Comment = "\(unit.part.rawValue) \(unit.run.text) of \(length) tokens"
        let rows = rows(base, try logits(model, prompt, try unit.plan))
        let mean = rows.reduce(0) { $0 + $1.klBaseSkip } / Double(length)
        #expect(effect.klAllPositions == mean, what)
        #expect(effect.klLastPosition == rows[length - 1].klBaseSkip, what)
        let same = rows.filter(\.topOneAgrees).count
        #expect(effect.topOneAgreement == Double(same) / Double(length), what)
        #expect(effect.lastTopOneAgrees == rows[length - 1].topOneAgrees, what)
        #expect(effect.klAllPositions > 1e-4, what)
      }
    }
  }

  @Test func unitsComeBackInTheirOwnOrder() throws {
    let model = try shape.load()
    let units = [
      AblationUnit(.feedForward, LayerRun(1, 1)), AblationUnit(.group, LayerRun(0, 1)),
      AblationUnit(.layer, LayerRun(4, 4)), AblationUnit(.attention, LayerRun(1, 1)),
      AblationUnit(.layer, LayerRun(4, 4)),
    ]
    let prompt = shape.tokens(12)
    let effects = try Ablation(model: model, units: units).effects(on: prompt)
    for (unit, effect) in zip(units, effects) {
      #expect(try Ablation(model: model, units: [unit]).effects(on: prompt) == [effect])
    }
    #expect(effects[2] == effects[4] && effects[0] != effects[3])
  }

  @Test func everyPartOfTheDepthIsAUnit() throws {
    let units = try AblationUnit.all(layerCount: 5, groups: 2)
    #expect(units.count == 17 && Set(units).count == 17)
    #expect(units.suffix(2).map(\.run.text) == ["0-2", "3-4"])
    #expect(try units[1].plan == .skipping([1]))
    #expect(try units[6].plan == DepthPlan([1: .skipAttention]))
    #expect(try units[11].plan == DepthPlan([1: .skipFeedForward]))
    #expect(try units[16].plan == .skipping([3, 4]))
    #expect(throws: RequestError.self) { try AblationUnit.all(layerCount: 5, groups: 6) }
  }

  @Test func aPromptThatCannotRunIsAnErrorAndTheNextOneRuns() throws {
    let model = try shape.load()
    let units = [AblationUnit(.layer, LayerRun(2, 2))]
    let ablation = Ablation(model: model, units: units)
    #expect(throws: RequestError.self) { try ablation.effects(on: [5, Int32(shape.vocabulary)]) }
    #expect(throws: RequestError.self) { try ablation.effects(on: []) }
    let prompt = shape.tokens(5)
    #expect(
      try ablation.effects(on: prompt)
        == Ablation(model: model, units: units).effects(on: prompt))
  }

  /// Every state that a pass goes through.
  private final class Recorder: ForwardObserver {
    var states: [[[Float]]] = []

    private func record(_ hidden: borrowing HiddenStates) throws {
      var rows: [[Float]] = []
      for row in 0..<hidden.rows { rows.append(try hidden.row(row)) }
      states.append(rows)
    }

    func embedded(_ hidden: borrowing HiddenStates) throws { try record(hidden) }

    func finished(
      _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
    ) throws {
      try record(hidden)
    }
  }

  private func influence(_ before: [[Float]], _ after: [[Float]]) -> Double {
    zip(before, after).reduce(0) { sum, rows in
      func dot(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let (a, b) = rows
      return sum + 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    } / Double(before.count)
  }

  @Test func blockInfluenceIsHowFarEachBlockTurnsTheStream() throws {
    let model = try shape.load()
    let prompt = shape.tokens(14)
    func run(_ plan: DepthPlan, _ observer: any ForwardObserver) throws {
      var context = try model.makeContext(capacity: 14)
      try model.forward(PackedTokens(prompt), in: &context, policy: plan, observer: observer)
    }
    for plan in [DepthPlan.full, try DepthPlan([2: .skip, 3: .blend(alpha: 0.5)])] {
      let (recorder, observer) = (Recorder(), BlockInfluence())
      try run(plan, recorder)
      try run(.full, observer)
      try run(plan, observer)
      let states = recorder.states
      let expected = zip(states, states.dropFirst()).map(influence)
      #expect(observer.values.count == shape.layers)
      for (layer, (found, wanted)) in zip(observer.values, expected).enumerated() {
        #expect(abs(found - wanted) < 1e-12)
        if plan[layer] == .skip { #expect(abs(found) < 1e-12) } else { #expect(found > 1e-3) }
      }
    }
    let ablation = Ablation(model: model, units: [])
    let observer = BlockInfluence()
    try run(.full, observer)
    #expect(try ablation.effects(on: prompt).isEmpty)
    #expect(ablation.blockInfluence == observer.values)
  }
}
