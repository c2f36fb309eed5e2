import AISKit
import TestSupport
import Testing

/// What the KV cache remembers of positions that exited.
@Suite(.everyDevice)
struct ExitedPositionsTests {
  @Test func aPassThatFailsLeavesTheCacheAsItWas() throws {
    final class Stopper: ForwardObserver {
      struct Stop: Error {}
      func finished(
        _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
      ) throws {
        if step.layer == 3 { throw Stop() }
      }
    }
    let shape = SyntheticModel()
    let model = try shape.load()
    let exit = try TokenExit(
      schedule: TokenExitTests.scattered, configuration: TokenExitTests.configuration())
    var context = try model.makeContext(capacity: 40)
    var clean = try model.makeContext(capacity: 40)
    try model.forward(PackedTokens(shape.tokens(15)), in: &context, policy: exit)
    try model.forward(PackedTokens(shape.tokens(15)), in: &clean, policy: exit)
    #expect(throws: Stopper.Stop.self) {
      try model.forward(
        PackedTokens([5, 6, 7]), in: &context, policy: exit, observer: Stopper())
    }
    try model.forward(PackedTokens([1, 2]), in: &context, policy: exit)
    try model.forward(PackedTokens([1, 2]), in: &clean, policy: exit)
    #expect(context.logits(row: 0) == clean.logits(row: 0))
    // Truncated to positions of which some exited, and continued without exits: the cache keeps its
    // fill.
    context.truncate(to: 9)
    clean.truncate(to: 9)
    try model.forward(PackedTokens([3]), in: &context)
    try model.forward(PackedTokens([3]), in: &clean)
    #expect(context.logits(row: 0) == clean.logits(row: 0))
  }

  @Test(arguments: KVFill.allCases) func aRestoredPassForgetsExits(fill: KVFill) throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let exit = try TokenExit(
      schedule: TokenExitTests.scattered, configuration: TokenExitTests.configuration(fill))
    var context = try model.makeContext(capacity: 40)
    var clean = try model.makeContext(capacity: 40)
    try model.begin(PackedTokens(shape.tokens(12)), in: &context, through: 0)
    let snapshot = context.snapshot()
    try model.finish(in: &context, policy: exit)
    context.restore(snapshot)
    try model.finish(in: &context, logits: .all)
    try model.forward(PackedTokens(shape.tokens(12)), in: &clean, logits: .all)
    #expect(TokenExitTests.copy(context) == TokenExitTests.copy(clean))
  }

  @Test func aLayerThatIsRefusedIsNotCountedAsFilled() throws {
    // One sequence exited before the layer that the plan skips, the other did not. The layer may
    // not run for the second sequence, and the first must stay as it was.
    let shape = SyntheticModel()
    let model = try shape.load()
    let plan = try DepthPlan(hard: "3")
    let exit = try TokenExit(
      schedule: { layer, sequence, _ in layer == 1 && sequence == 0 },
      configuration: TokenExitTests.configuration(), plan: plan)
    var context = try model.makeContext(sequences: 2, capacity: 40)
    try model.forward(PackedTokens([shape.tokens(6), shape.tokens(4)]), in: &context, policy: exit)
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([[5], [6]]), in: &context)
    }
    try model.forward(PackedTokens([[5], []]), in: &context)
    var alone = try model.makeContext(capacity: 40)
    try model.forward(PackedTokens(shape.tokens(6)), in: &alone, policy: exit)
    try model.forward(PackedTokens([5]), in: &alone)
    expectClose(context.logits(row: 0), alone.logits(row: 0), tolerance: 1e-4)
  }

  @Test func anAdoptedPrefixForgetsExitsHere() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let exit = try TokenExit(
      schedule: TokenExitTests.scattered, configuration: TokenExitTests.configuration(.hole))
    var prefix = try model.makeContext(capacity: 20)
    try model.forward(PackedTokens(shape.tokens(9)), in: &prefix)
    var heir = try model.makeContext(capacity: 40)
    try model.forward(PackedTokens(shape.tokens(15, seed: 2)), in: &heir, policy: exit)
    heir.truncate(to: 0)
    try heir.adoptPrefix(of: prefix, positions: 9)
    try model.forward(PackedTokens([4]), in: &heir)
    try model.forward(PackedTokens([4]), in: &prefix)
    expectClose(heir.logits(row: 0), prefix.logits(row: 0), tolerance: 1e-5)
  }

  @Test func anotherFillAfterRowsThatExitedIsRefused() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    var context = try model.makeContext(capacity: 40)
    func exit(_ fill: KVFill) throws -> TokenExit {
      try TokenExit(
        schedule: { layer, _, _ in layer == 2 }, configuration: TokenExitTests.configuration(fill))
    }
    try model.forward(PackedTokens(shape.tokens(5)), in: &context, policy: exit(.hole))
    #expect(throws: RequestError.self) {
      try model.forward(PackedTokens([1]), in: &context, policy: exit(.zero))
    }
    context.removeAll()
    try model.forward(PackedTokens(shape.tokens(5)), in: &context, policy: exit(.zero))
  }

  @Test func aPrefixIsAdoptedWithItsExits() throws {
    let shape = SyntheticModel()
    let model = try shape.load()
    let tokens = shape.tokens(20)
    for fill in KVFill.allCases {
      let exit = try TokenExit(
        schedule: TokenExitTests.scattered, configuration: TokenExitTests.configuration(fill))
      var prefix = try model.makeContext(capacity: 20)
      try model.forward(PackedTokens(tokens), in: &prefix, policy: exit)
      var heir = try model.makeContext(sequences: 2, capacity: 40)
      try heir.adoptPrefix(of: prefix, positions: 13)
      var plain = try model.makeContext(capacity: 40)
      try model.forward(PackedTokens(Array(tokens[..<13])), in: &plain, policy: exit)
      try model.forward(PackedTokens([[4, 5], [4, 5]]), in: &heir)
      try model.forward(PackedTokens([4, 5]), in: &plain)
      expectClose(heir.logits(row: 1), plain.logits(row: 0), tolerance: 1e-5)
    }
  }
}
