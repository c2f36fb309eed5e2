import AISKit
import TestSupport
import Testing

/// The map's router as a policy: each sequence of a batch has a route of its own.
@Suite(.everyDevice)
struct MapRouterBatchTests {
  private let shape = SyntheticModel { $0.layers = 6 }
  private let model: DecoderModel
  private let router: MapRouter
  /// A prompt of each category; each is an entry of the map.
  private let prompts: [[Int32]]
  private let plans: [DepthPlan]

  init() throws {
    let (model, shape) = (try shape.load(), shape)
    prompts = [17, 5, 23].enumerated().map { shape.tokens($1, seed: UInt64($0 + 1)) }
    plans = [
      try DepthPlan([3: .skip, 5: .skipAttention]), try .blending([2, 4], alpha: 0.4),
      try .skipping([4, 5]),
    ]
    let map = try TopologicalMap(
      categories: ["a", "b", "c"], pivot: 1, width: shape.hidden, layerCount: shape.layers)
    try map.add(
      probes: ProbeReader(model: model, pivot: 1).probes(of: prompts),
      entries: prompts.indices.map { MapEntry(category: $0, text: "") })
    router = try MapRouter(map: map, plans: plans, config: model.config, k: 1)
    self.model = model
  }

  @Test func aBatchWithDifferentRoutesIsItsSequencesAlone() throws {
    var together = try model.makeContext(sequences: 3, capacity: 32)
    let trace = DepthTrace()
    try model.forward(PackedTokens(prompts), in: &together, policy: router, observer: trace)
    var steps = [together.allLogits()]
    let ends = [16, 21, 44]
    #expect(ends.map { trace.executedLayers(ofRow: $0) } == [5, 6, 4])
    let routes = try #require(together.memory as? MapRoutes)
    for sequence in prompts.indices {
      #expect(routes[sequence]?.plan == plans[sequence])
      #expect(routes[sequence]?.neighborhood.category == sequence)
    }
    #expect(routes[3] == nil)
    for token in shape.tokens(4, seed: 9) {
      let next = PackedTokens(decoding: [token, token, token])
      try model.forward(next, in: &together, policy: router, observer: trace)
      #expect((0..<3).map { trace.executedLayers(ofRow: $0) } == [5, 6, 4])
      steps.append(together.allLogits())
    }
    for (sequence, prompt) in prompts.enumerated() {
      var alone = try model.makeContext(capacity: 32)
      var planned = try model.makeContext(capacity: 32)
      try model.forward(PackedTokens(prompt), in: &alone, policy: router)
      try model.forward(PackedTokens(prompt), in: &planned, policy: plans[sequence])
      #expect(alone.logits(row: 0) == planned.logits(row: 0))
      expectClose(steps[0][sequence], alone.logits(row: 0), tolerance: 1e-4)
      for (step, token) in shape.tokens(4, seed: 9).enumerated() {
        try model.forward(PackedTokens([token]), in: &alone, policy: router)
        try model.forward(PackedTokens([token]), in: &planned, policy: plans[sequence])
        #expect(alone.logits(row: 0) == planned.logits(row: 0))
        expectClose(steps[step + 1][sequence], alone.logits(row: 0), tolerance: 1e-4)
      }
    }
  }

  /// A sequence that joins later gets its route in its own first pass; one that pauses keeps its own.
  @Test func sequencesGetTheirRoutesWhenTheyCome() throws {
    var context = try model.makeContext(sequences: 2, capacity: 32)
    try model.forward(PackedTokens([prompts[0], []]), in: &context, policy: router)
    let first = context.logits(row: 0)
    #expect((context.memory as? MapRoutes)?[1] == nil)
    try model.forward(PackedTokens([[], prompts[2]]), in: &context, policy: router)
    let second = context.logits(row: 0)
    let routes = try #require(context.memory as? MapRoutes)
    #expect(routes[0]?.plan == plans[0] && routes[1]?.plan == plans[2])
    try model.forward(PackedTokens(decoding: [3, 3]), in: &context, policy: router)
    for (row, sequence) in [0, 2].enumerated() {
      var alone = try model.makeContext(capacity: 32)
      try model.forward(PackedTokens(prompts[sequence]), in: &alone, policy: plans[sequence])
      expectClose([first, second][row], alone.logits(row: 0), tolerance: 1e-4)
      try model.forward(PackedTokens([3]), in: &alone, policy: plans[sequence])
      expectClose(context.logits(row: row), alone.logits(row: 0), tolerance: 1e-4)
    }
  }

  @Test func anEmptyContextHasForgottenItsRoutes() throws {
    var context = try model.makeContext(capacity: 32)
    for sequence in [0, 1, 0, 2] {
      try model.forward(PackedTokens(prompts[sequence]), in: &context, policy: router)
      #expect((context.memory as? MapRoutes)?[0]?.plan == plans[sequence])
      #expect(
        try context.allLogits()
          == model.logits(of: [prompts[sequence]], plans[sequence], rows: .lastOfEach))
      context.removeAll()
      #expect(context.memory == nil)
    }
    // Forgetting every position by another way forgets the routes as well.
    try model.forward(PackedTokens(prompts[0]), in: &context, policy: router)
    context.truncate(to: 0)
    try model.forward(PackedTokens(prompts[1]), in: &context, policy: router)
    #expect((context.memory as? MapRoutes)?[0]?.plan == plans[1])
  }

  @Test func aPassThatIsGivenUpLeavesNoRoute() throws {
    struct Stop: Error {}
    final class Stopper: ForwardObserver {
      func finished(
        _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
      ) throws {
        if step.layer == 3 { throw Stop() }
      }
    }
    var context = try model.makeContext(sequences: 2, capacity: 32)
    try model.forward(PackedTokens([prompts[0], []]), in: &context, policy: router)
    let next = PackedTokens([[], prompts[1]])
    #expect(throws: Stop.self) {
      try model.forward(next, in: &context, policy: router, observer: Stopper())
    }
    #expect((context.memory as? MapRoutes)?[1] == nil)
    try model.begin(next, in: &context, through: 2, policy: router)
    #expect((context.memory as? MapRoutes)?[1]?.plan == plans[1])
    context.abandonPass()
    let routes = try #require(context.memory as? MapRoutes)
    #expect(routes[0]?.plan == plans[0] && routes[1] == nil)
    // Another prompt of the same sequence finds its own route.
    try model.forward(PackedTokens([[], prompts[2]]), in: &context, policy: router)
    #expect((context.memory as? MapRoutes)?[1]?.plan == plans[2])
  }

  @Test func aGenerationByPolicyIsTheRoutersOwn() throws {
    let generator = Generator(model: model)
    for (sequence, prompt) in prompts.enumerated() {
      var (byPolicy, byRouter): ([GeneratedToken], [GeneratedToken]) = ([], [])
      var (memory, route): (Route?, Route?)
      _ = try generator.generate(
        prompt: prompt, maxTokens: 9, policy: router,
        prefilled: { memory = ($0 as? MapRoutes)?[0] },
        receive: {
          byPolicy.append($0)
          return true
        })
      _ = try generator.generate(
        prompt: prompt, maxTokens: 9, router: router, routed: { route = $0 },
        receive: {
          byRouter.append($0)
          return true
        })
      #expect(byPolicy.count == 9 && byPolicy == byRouter)
      #expect(memory == route && route?.plan == plans[sequence])
    }
  }

  @Test func aBatchGenerationIsThatOfItsPromptsAlone() throws {
    let generator = BatchGenerator(model: model, endIDs: [])
    let together = try generator.generate(prompts: prompts, maxTokens: 8, policy: router)
    for (sequence, prompt) in prompts.enumerated() {
      let alone = try generator.generate(prompts: [prompt], maxTokens: 8, policy: router)
      #expect(together[sequence] == alone[0])
      let planned = try generator.generate(
        prompts: [prompt], maxTokens: 8, policy: plans[sequence])
      #expect(alone[0].tokens.map(\.id) == planned[0].tokens.map(\.id))
    }
  }
}
