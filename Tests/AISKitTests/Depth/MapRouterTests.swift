import AISKit
import TestSupport
import Testing

/// A pass that a prompt router decides at the pivot, compared with passes whose plan is known
/// before.
@Suite(.everyDevice)
struct MapRouterTests {
  private let shape = SyntheticModel { $0.layers = 6 }
  private let pivot = 1
  private let model: DecoderModel
  private let map: TopologicalMap
  /// One prompt of each category.
  ///
  /// Each is an entry of the map.
  private let prompts: [[Int32]]
  private let plans: [DepthPlan]

  init() throws {
    model = try shape.load()
    prompts = [shape.tokens(17, seed: 1), shape.tokens(23, seed: 2)]
    plans = [try DepthPlan([3: .skip, 5: .skipAttention]), try .blending([2, 4], alpha: 0.4)]
    map = try TopologicalMap(
      categories: ["a", "b"], pivot: pivot, width: shape.hidden, layerCount: shape.layers)
    try map.add(
      probes: ProbeReader(model: model, pivot: pivot).probes(of: prompts),
      entries: [0, 1].map { MapEntry(category: $0, text: "") })
  }

  private func router(
    k: Int = 1, vote: Vote = .weighted, confidence: Double = 0
  ) throws -> MapRouter {
    try MapRouter(
      map: map, plans: plans, config: model.config, k: k, vote: vote, confidence: confidence)
  }

  @Test func layersThatAreNamedNeedNoImportance() throws {
    #expect(map.importance == nil)
    let router = try MapRouter(
      map: map, rule: .layers([3, 4]), style: .hard, config: model.config)
    #expect(router.plans == [try .skipping([3, 4]), try .skipping([3, 4])])
    #expect(throws: RequestError.self) {
      try MapRouter(map: map, rule: .layers([pivot]), style: .hard, config: model.config)
    }
    for rule in [SkipRule.budget(1), .threshold(9), .groups(1, of: 2)] {
      #expect(throws: RequestError.self) {
        try MapRouter(map: map, rule: rule, style: .hard, config: model.config)
      }
    }
  }

  /// Both entries vote, each for its own category, so the confidence is one half.
  private func unsureRouter() throws -> MapRouter {
    try router(k: 2, vote: .majority, confidence: 0.6)
  }

  /// The logits of a prompt and of some tokens after it.
  private func logits(_ prompt: [Int32], _ plan: DepthPlan) throws -> [[Float]] {
    var context = try model.makeContext(capacity: 64)
    try model.forward(PackedTokens(prompt), in: &context, policy: plan)
    return try [context.logits(row: 0)] + decoded(in: &context, plan)
  }

  private func routed(
    _ prompt: [Int32], _ router: MapRouter
  ) throws -> (route: Route, logits: [[Float]]) {
    var context = try model.makeContext(capacity: 64)
    let route = try router.forward(prompt, model: model, in: &context)
    return (route, try [context.logits(row: 0)] + decoded(in: &context, route.plan))
  }

  private func decoded(
    in context: inout DecoderContext, _ plan: DepthPlan
  ) throws -> [[Float]] {
    var rows: [[Float]] = []
    for token in shape.tokens(4, seed: 9) {
      try model.forward(PackedTokens(decoding: [token]), in: &context, policy: plan)
      rows.append(context.logits(row: 0))
    }
    return rows
  }

  @Test func theNearestCategoryChoosesThePlanAndThePassIsAFreshOneBitForBit() throws {
    for category in 0...1 {
      let (route, logits) = try routed(prompts[category], router())
      #expect(route.neighborhood.category == category && route.plan == plans[category])
      #expect(!route.isFallback && route.neighborhood.confidence == 1)
      #expect(logits == (try self.logits(prompts[category], plans[category])))
      #expect(logits != (try self.logits(prompts[category], .full)))
    }
  }

  @Test func belowTheConfidenceTheFullModelAnswersBitForBit() throws {
    for prompt in prompts + [shape.tokens(31, seed: 3)] {
      let (route, logits) = try routed(prompt, unsureRouter())
      #expect(route.isFallback && route.plan == .full)
      #expect(route.neighborhood.confidence == 0.5)
      #expect(logits == (try self.logits(prompt, .full)))
    }
    let sure = try routed(prompts[0], router(k: 2, vote: .majority, confidence: 0.5))
    #expect(!sure.route.isFallback, "as sure as asked for is sure enough")
  }

  @Test func whatIsReadIsTheStateAtTheLastTokenAndOtherObserversSeeThePass() throws {
    let trace = DepthTrace()
    var context = try model.makeContext(capacity: 64)
    let route = try router().forward(prompts[0], model: model, in: &context, observer: trace)
    let probe = try ProbeReader(model: model, pivot: pivot).probes(of: [prompts[0]])
    #expect(try router().route(probe).plan == route.plan)
    #expect(trace.executedLayers == 5 && trace.executedAttentions == 4)
    #expect(context.cache.lengths == [prompts[0].count])
  }

  @Test func aLookUpThatFailsLeavesTheContextAsItWas() throws {
    let empty = TopologicalMap(map.shape)
    let router = try MapRouter(map: empty, plans: plans, config: model.config)
    var context = try model.makeContext(capacity: 64)
    #expect(throws: RequestError.self) {
      try router.forward(prompts[0], model: model, in: &context)
    }
    #expect(context.cache.lengths == [0])
    try model.forward(PackedTokens(prompts[0]), in: &context)
    #expect(context.logits(row: 0) == (try logits(prompts[0], .full)[0]))
  }

  @Test func importanceMakesThePlans() throws {
    #expect(throws: RequestError.self) {
      try MapRouter(map: map, rule: .budget(1), style: .hard, config: model.config)
    }
    // The cheapest layers lie before the pivot, so they cannot be skipped.
    try map.setImportance(
      LayerImportance(
        rows: [[0, 0, 3, 1, 2, 4], [0, 0, 3, 4, 2, 1]],
        runs: [LayerRun(0, 2), LayerRun(3, 5)], runRows: [[0, 1], [0, 1]]))
    func plans(_ rule: SkipRule, _ style: SkipStyle = .hard) throws -> [DepthPlan] {
      try MapRouter(map: map, rule: rule, style: style, config: model.config).plans
    }
    #expect(try plans(.budget(1)) == [.skipping([3]), .skipping([5])])
    #expect(
      try plans(.budget(2), .soft(alpha: 0.5)) == [
        .blending([3, 4], alpha: 0.5), .blending([4, 5], alpha: 0.5),
      ])
    #expect(try plans(.groups(1, of: 2)) == [.skipping(3...5), .skipping(3...5)])
    #expect(throws: RequestError.self) { try plans(.budget(5)) }
    #expect(throws: RequestError.self) { try plans(.groups(2, of: 2)) }
    #expect(throws: RequestError.self) { try plans(.layers([1])) }
  }

  @Test func plansThatTouchWhatTheProbeNeedsAreRefused() throws {
    let config = model.config
    for layer in [0, 1, 6] {
      #expect(throws: RequestError.self) {
        try MapRouter(map: map, plans: [.full, .skipping([layer])], config: config)
      }
    }
    #expect(throws: RequestError.self) {
      try MapRouter(map: map, plans: [.blending([1], alpha: 0.5), .full], config: config)
    }
    #expect(throws: RequestError.self) {
      try MapRouter(map: map, plans: [DepthPlan([1: .skipFeedForward]), .full], config: config)
    }
  }

  @Test func aMapThatDoesNotFitIsRefused() throws {
    let config = model.config
    for count in [0, 1, 3] {
      let error = #expect(throws: RequestError.self) {
        try MapRouter(
          map: map, plans: [DepthPlan](repeating: .full, count: count), config: config)
      }
      #expect(error?.found == "\(count)")
    }
    #expect(throws: RequestError.self) { try router(k: 0) }
    for (width, layers) in [(shape.hidden + 1, shape.layers), (shape.hidden, shape.layers - 1)] {
      let other = try TopologicalMap(
        categories: ["a"], pivot: pivot, width: width, layerCount: layers)
      let error = #expect(throws: RequestError.self) {
        try MapRouter(map: other, plans: [.full], config: config)
      }
      #expect(error?.subject == "map model")
    }
  }

  @Test func aRoutedGenerationSaysWhatItsPlanSays() throws {
    let generator = Generator(model: model)
    func tokens(
      _ generate: ((GeneratedToken) throws -> Bool) throws -> FinishReason
    ) throws -> [GeneratedToken] {
      var tokens: [GeneratedToken] = []
      let reason = try generate {
        tokens.append($0)
        return true
      }
      #expect(reason == .length && tokens.count == 12)
      return tokens
    }
    func routed(_ prompt: [Int32], _ router: MapRouter) throws -> [GeneratedToken] {
      var told = 0
      let result = try tokens {
        try generator.generate(
          prompt: prompt, maxTokens: 12, router: router, routed: { _ in told += 1 }, receive: $0)
      }
      #expect(told == 1)
      return result
    }
    for category in 0...1 {
      let prompt = prompts[category]
      let (planned, full) = (
        try tokens {
          try generator.generate(
            prompt: prompt, maxTokens: 12, policy: plans[category], receive: $0)
        }, try tokens { try generator.generate(prompt: prompt, maxTokens: 12, receive: $0) }
      )
      #expect(planned.map(\.id) != full.map(\.id), "the plan makes a difference")
      #expect(try routed(prompt, router()) == planned)
      #expect(try routed(prompt, unsureRouter()) == full)
    }
  }
}
