/// What the map made of one prompt.
public struct Route: Sendable, Equatable {
  /// The entries nearest to the prompt, their vote and its confidence.
  public let neighborhood: Neighborhood
  /// What the rest of the pass leaves out; the full plan where the confidence was too low.
  public let plan: DepthPlan
  /// True where the confidence was too low, so that the exact full model answers.
  public let isFallback: Bool
}

/// Routes prompts by a topological map: the hidden state at the pivot layer finds the category, the
/// category's layer importance gives the plan, and the pass goes on with it.
///
/// Nothing is computed twice: what the map reads is the state of the very pass that is routed. Plans
/// therefore change only layers behind the pivot; others are refused when the router is made.
///
/// Guarantee: where the map is less sure than `confidence`, the plan is full, and the pass gives the
/// bits of one without a router.
public struct MapRouter: Sendable {
  /// The map.
  public let map: TopologicalMap
  /// Neighbours that vote.
  public let k: Int
  /// How their votes count.
  public let vote: Vote
  /// The share of the vote below which the full model answers.
  public let confidence: Double
  /// The plan of each category.
  ///
  /// Shape: [categories].
  public let plans: [DepthPlan]

  /// A router with a plan for every category.
  ///
  /// - Throws: `DepthError` where a plan changes a layer that the probe needs, or one that the model
  ///   does not have; `MapError` where there are not as many plans as categories or `k` is not
  ///   positive.
  public init(
    map: TopologicalMap, plans: [DepthPlan], config: ModelConfig, k: Int = 10,
    vote: Vote = .weighted, confidence: Double = 0
  ) throws {
    guard plans.count == map.categories.count else {
      throw MapError(
        "plans", expected: "one for each of \(map.categories.count) categories",
        found: "\(plans.count)")
    }
    guard k >= 1 else { throw MapError("k", expected: "1 or more neighbours", found: "\(k)") }
    guard map.layerCount == config.layerCount, map.width == config.hiddenSize else {
      throw MapError(
        "model", expected: "\(map.layerCount) layers of width \(map.width)",
        found: "\(config.layerCount) of \(config.hiddenSize)")
    }
    for plan in plans { try plan.validate(for: config, from: map.pivot + 1) }
    self.map = map
    self.plans = plans
    self.k = k
    self.vote = vote
    self.confidence = confidence
  }

  /// A router whose plans leave out what follows from the map's own importance.
  ///
  /// - Parameters:
  ///   - map: the map, with importance.
  ///   - rule: which layers are left out.
  ///   - plans: makes a plan of the layers to leave out, for each category.
  ///   - config: the model's shape.
  ///   - k: neighbours that vote.
  ///   - vote: how their votes count.
  ///   - confidence: the share of the vote below which the full model answers.
  /// - Throws: as above; `MapError` where the rule depends on importance and the map has none yet; what
  ///   the rule and `plans` throw.
  public init(
    map: TopologicalMap, rule: SkipRule, plans: ([[Int]]) throws -> [DepthPlan],
    config: ModelConfig, k: Int = 10, vote: Vote = .weighted, confidence: Double = 0
  ) throws {
    if map.importance == nil, rule.dependsOnCosts {
      throw MapError("importance", expected: "an ablation's values", found: "none")
    }
    let unknown = SkipCosts(layers: [Double](repeating: .nan, count: map.layerCount))
    let layers = try map.categories.indices.map { category in
      try rule.layers(
        costs: map.importance?.costs(of: category) ?? unknown, from: map.pivot + 1)
    }
    try self.init(
      map: map, plans: plans(layers), config: config, k: k, vote: vote, confidence: confidence)
  }

  /// A router whose plans leave layers out one way.
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

  /// What a probe leads to.
  ///
  /// Shape: probe [hiddenSize], the output of the pivot layer at the prompt's last token.
  ///
  /// - Throws: `MapError`.
  public func route(_ probe: [Float]) throws -> Route {
    let neighborhood = try map.lookUp(probe, k: k, vote: vote)
    let isFallback = neighborhood.confidence < confidence
    return Route(
      neighborhood: neighborhood, plan: isFallback ? .full : plans[neighborhood.category],
      isFallback: isFallback)
  }

  /// Runs a prompt with the plan that its own hidden state chooses.
  ///
  /// The context then holds the prompt, computed under the plan; further tokens are to be run with it.
  ///
  /// - Throws: what a forward pass and a look-up throw; the cache then holds what it held before.
  public func forward(
    _ prompt: [Int32], model: DecoderModel, in context: inout DecoderContext,
    observer: (any ForwardObserver)? = nil, logits: LogitRows = .lastOfEach
  ) throws -> Route {
    let capture = ProbeCapture(layer: map.pivot, passingOn: observer)
    try model.begin(
      PackedTokens(prompt), in: &context, through: map.pivot, observer: capture)
    let route: Route
    do {
      route = try self.route(capture.probe)
    } catch {
      context.abandonPass()
      throw error
    }
    try model.finish(in: &context, policy: route.plan, observer: observer, logits: logits)
    return route
  }
}

/// Keeps the last row of one layer's output, and passes everything on to another observer.
private final class ProbeCapture: ForwardObserver {
  private let layer: Int
  private let next: (any ForwardObserver)?
  private(set) var probe: [Float] = []

  init(layer: Int, passingOn next: (any ForwardObserver)?) {
    self.layer = layer
    self.next = next
  }

  func embedded(_ hidden: borrowing HiddenStates) throws { try next?.embedded(hidden) }

  func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) throws {
    if layer == self.layer { probe = hidden.row(hidden.rows - 1) }
    try next?.finished(layer: layer, action: action, hidden: hidden)
  }

  func scored(layer: Int, rows: [Int], scores: UnsafeBufferPointer<Float>) throws {
    try next?.scored(layer: layer, rows: rows, scores: scores)
  }

  func left(layer: Int, rows: [Int]) throws { try next?.left(layer: layer, rows: rows) }

  func filled(layer: Int, rows: Int) throws { try next?.filled(layer: layer, rows: rows) }
}
