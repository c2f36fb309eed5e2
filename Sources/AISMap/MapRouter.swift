/// The map's decision for one prompt.
public struct Route: Sendable, Equatable {
  /// The entries nearest to the prompt, their vote and its confidence.
  public let neighborhood: Neighborhood
  /// The plan for the rest of the pass; the full plan if the confidence was too low.
  public let plan: DepthPlan
  /// True if the confidence was too low and the full model runs.
  public let isFallback: Bool
}

/// A prompt router with a topological map.
///
/// The hidden state after the pivot layer gives the category, and the category's layer importance
/// gives the plan for the rest of the pass.
///
/// Each sequence of a batch gets its own plan. Nothing is computed twice, because the probe comes
/// from the pass that is routed. So plans may change only layers after the pivot. Other plans are
/// an error when the router is made.
///
/// Guarantee: if the vote's confidence is below `confidence`, the plan is full, and the pass gives
/// the same bits as without a router.
public struct MapRouter: Sendable {
  /// The map.
  public let map: TopologicalMap
  /// The number of the number of neighbours that vote.
  public let k: Int
  /// How neighbours are weighted.
  public let vote: Vote
  /// The full model runs if the vote's confidence is below this.
  public let confidence: Double
  /// The plan of each category.
  ///
  /// Shape: [categories].
  public let plans: [DepthPlan]

  /// A router with a plan for every category.
  ///
  /// - Throws: `RequestError` if a plan changes a layer up to the pivot or one that the model does
  ///   not have, if the number of plans is not that of the categories, or if `k` is not positive.
  public init(
    map: TopologicalMap, plans: [DepthPlan], config: ModelConfig, k: Int = 10,
    vote: Vote = .weighted, confidence: Double = 0
  ) throws {
    guard plans.count == map.categories.count else {
      throw RequestError(
        "map plans", expected: "one for each of \(map.categories.count) categories",
        found: "\(plans.count)")
    }
    guard k >= 1 else {
      throw RequestError("map k", expected: "1 or more neighbours", found: "\(k)")
    }
    guard map.layerCount == config.layerCount, map.width == config.hiddenSize else {
      throw RequestError(
        "map model", expected: "\(map.layerCount) layers of width \(map.width)",
        found: "\(config.layerCount) of \(config.hiddenSize)")
    }
    guard map.pivot < config.layerCount - 1 else {
      throw RequestError(
        "map pivot", expected: "a layer before the last, \(config.layerCount - 1)",
        found: "\(map.pivot)")
    }
    for plan in plans {
      try plan.validate(for: config, from: map.pivot + 1)
      guard plan.path == .once else {
        throw RequestError("map plans", expected: "each layer once", found: plan.summary)
      }
    }
    self.map = map
    self.plans = plans
    self.k = k
    self.vote = vote
    self.confidence = confidence
  }

  /// A router whose plans skip layers by the map's layer importance.
  ///
  /// - Parameters:
  ///   - map: the map, with importance.
  ///   - rule: chooses the layers to skip.
  ///   - plans: makes each category's plan from the layers to skip.
  ///   - config: the model's shape.
  ///   - k: the number of neighbours that vote.
  ///   - vote: how neighbours are weighted.
  ///   - confidence: the full model runs if the vote's confidence is below this.
  /// - Throws: as above; `RequestError` if the rule depends on importance and the map has none;
  ///   errors of the rule and of `plans`.
  public init(
    map: TopologicalMap, rule: SkipRule, plans: ([[Int]]) throws -> [DepthPlan],
    config: ModelConfig, k: Int = 10, vote: Vote = .weighted, confidence: Double = 0
  ) throws {
    if map.importance == nil, rule.dependsOnCosts {
      throw RequestError("map importance", expected: "an ablation's values", found: "none")
    }
    let unknown = SkipCosts(layers: [Double](repeating: .nan, count: map.layerCount))
    let layers = try map.categories.indices.map { category in
      try rule.layers(
        costs: map.importance?.costs(of: category) ?? unknown, from: map.pivot + 1)
    }
    try self.init(
      map: map, plans: plans(layers), config: config, k: k, vote: vote, confidence: confidence)
  }

  /// A router whose plans skip layers in one style.
  ///
  /// - Throws: as above.
  public init(
    map: TopologicalMap, rule: SkipRule, style: SkipStyle, config: ModelConfig, k: Int = 10,
    vote: Vote = .weighted, confidence: Double = 0
  ) throws {
    try self.init(
      map: map, rule: rule, plans: { try $0.map(style.plan) }, config: config, k: k, vote: vote,
      confidence: confidence)
  }

  /// The route of a probe.
  ///
  /// Shape: probe [hiddenSize], the output of the pivot layer at the prompt's last token.
  ///
  /// - Throws: `RequestError`.
  public func route(_ probe: [Float]) throws -> Route {
    let neighborhood = try map.lookUp(probe, k: k, vote: vote)
    let isFallback = neighborhood.confidence < confidence
    return Route(
      neighborhood: neighborhood, plan: isFallback ? .full : plans[neighborhood.category],
      isFallback: isFallback)
  }

  /// Runs a prompt with the plan that its own probe chooses.
  ///
  /// The context then holds the prompt, computed with the plan. Run further tokens with this router
  /// or with the plan. A sequence keeps its route until the context forgets its positions.
  ///
  /// - Throws: errors of a forward pass or a look-up. The cache is then as before.
  public func forward(
    _ prompt: [Int32], model: DecoderModel, in context: inout DecoderContext,
    observer: (any ForwardObserver)? = nil, logits: LogitRows = .lastOfEach
  ) throws -> Route {
    guard !prompt.isEmpty else {
      throw RequestError("prompt", expected: "at least one token", found: "none")
    }
    try model.forward(
      PackedTokens(prompt), in: &context, policy: self, observer: observer, logits: logits)
    guard let route = (context.memory as? MapRoutes)?[0] else {
      preconditionFailure("a pass comes to the layer after the pivot")
    }
    return route
  }
}

/// The routes of a context's sequences, kept in the pass's memory.
public struct MapRoutes: Sendable {
  private var routes: [Int: Route] = [:]
  /// The last step that any of the plans does not skip.
  fileprivate private(set) var lastActiveStep = -1

  /// The route of a sequence; `nil` before its first pass has reached the pivot.
  public subscript(sequence: Int) -> Route? { routes[sequence] }

  fileprivate mutating func note(_ route: Route, of sequence: Int, layerCount: Int) {
    routes[sequence] = route
    lastActiveStep = max(lastActiveStep, route.plan.lastActiveStep(of: layerCount))
  }
}

/// Each sequence continues with the plan of its own route.
extension MapRouter: DepthPolicy {
  /// A prompt's last row decides for all its rows.
  public var readsWholePrompt: Bool { true }

  /// A sequence never runs the layers that its plan skips, so they need no keys and values.
  public var fillsSkippedRows: Bool { false }

  /// Runs every layer up to the pivot.
  ///
  /// Then each sequence without a route gets one from its last row.
  public func action(at step: Step, _ pass: Pass) throws -> StepAction {
    guard step.index > map.pivot else { return .all(.run) }
    let last = pass.lastRows
    var routes = pass.memory as? MapRoutes ?? MapRoutes()
    let unrouted = last.filter { routes[$0.sequence] == nil }
    if !unrouted.isEmpty {
      let width = map.width
      let probes = try pass.states(rows: unrouted.map(\.row))
      for (place, own) in unrouted.enumerated() {
        routes.note(
          try route(Array(probes[place * width..<(place + 1) * width])), of: own.sequence,
          layerCount: pass.layerCount)
      }
      pass.memory = routes
    }
    let actions = last.map { routes[$0.sequence]?.plan[step.layer] ?? .run }
    if actions.dropFirst().allSatisfy({ $0 == actions[0] }) { return .all(actions.first ?? .run) }
    let bySequence = Dictionary(
      zip(last.map(\.sequence), actions), uniquingKeysWith: { first, _ in first })
    return .rows((0..<pass.rowCount).map { bySequence[pass.place(of: $0).sequence] ?? .run })
  }

  /// The last step that any sequence's plan runs, once all have routes.
  public func lastActiveStep(_ pass: Pass) -> Int {
    guard let routes = pass.memory as? MapRoutes,
      pass.lastRows.allSatisfy({ routes[$0.sequence] != nil })
    else { return pass.stepCount - 1 }
    return routes.lastActiveStep
  }

  /// - Throws: `RequestError` if a plan does not fit the model, or changes a step that has run.
  public func validate(for config: ModelConfig, from firstStep: Int) throws {
    for plan in plans { try plan.validate(for: config, from: max(firstStep, map.pivot + 1)) }
  }
}

extension Generator {
  /// Generates with the plan that the prompt's own probe chooses.
  ///
  /// `routed` is called with the route before the first token.
  ///
  /// - Throws: as `generate(prompt:maxTokens:policy:prefilled:receive:)`, and errors of a look-up.
  public func generate(
    prompt: [Int32], maxTokens: Int, router: MapRouter, routed: (Route) -> Void,
    receive: (GeneratedToken) throws -> Bool
  ) throws -> FinishReason {
    try generate(
      prompt: prompt, maxTokens: maxTokens, policy: router,
      prefilled: { if let route = ($0 as? MapRoutes)?[0] { routed(route) } }, receive: receive)
  }
}
