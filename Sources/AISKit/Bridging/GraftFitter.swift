/// Fits down-projections of blocks behind a bridge to what the full model's states are there, so that
/// they make up for what the bridge got wrong.
///
/// The error that is left is what is fitted, so a penalty keeps a block near what it was.
struct GraftFitter {
  private let model: DecoderModel
  private let layer: Int
  private let span: BridgePasses.Span
  private let passes: BridgePasses
  private var moments: [BridgeFitter.Role: (input: InputMoments, target: TargetMoments)] = [:]

  /// - Throws: `DepthError` where the layer cannot take a graft or the plan does not fit; `ModelError`.
  init(_ model: DecoderModel, layer: Int, plan: DepthPlan) throws {
    try plan.validate(for: model.config)
    guard model.canGraft(on: layer), model.backend.inputBytes == 4, plan[layer] == .run else {
      throw DepthError(
        "graft on layer \(layer)",
        expected:
          "in float32, a layer that runs, its feed-forward network dense and without a norm "
          + "behind it", found: "another")
    }
    self.model = model
    self.layer = layer
    span = BridgePasses.Span(input: layer, target: layer)
    passes = try BridgePasses(model, spans: [span], readsActivations: true, plan: plan)
  }

  mutating func read(
    _ texts: [[Int32]], for role: BridgeFitter.Role, progress: (Int) -> Void
  ) throws {
    let config = model.config
    let (input, target) =
      moments[role] ?? (
        InputMoments(width: config.intermediateSize),
        TargetMoments(width: config.hiddenSize, inputs: config.intermediateSize)
      )
    moments[role] = (input, target)
    try passes.read(texts) { positions, rows in
      let rows = rows(span)
      let activations = rows.activations.map(Double.init)
      input.add(activations)
      target.add(
        zip(rows.after, rows.before).map { Double($0) - Double($1) }, inputs: activations)
      progress(positions.count)
    }
  }

  /// The graft, and squared error left over squared error before, on texts that chose the penalty.
  ///
  /// - Throws: `BridgeError` where too little was read.
  func fit() throws -> (graft: Graft, error: Double) {
    let columns = 0..<model.config.intermediateSize
    guard let (input, target) = moments[.fit], input.count > 0,
      let own = try model.downProjection(of: layer)?.numbers(model.backend)
    else {
      throw BridgeError("graft on layer \(layer)", expected: "texts to fit to", found: "none")
    }
    let fitting = NormalEquations(input, target, columns: columns)
    let choosing = moments[.choose].flatMap { choice in
      choice.input.count > 0 ? NormalEquations(choice.input, choice.target, columns: columns) : nil
    }
    let judge = choosing ?? fitting
    let ridges = choosing == nil ? [BridgeFitter.defaultRidge] : BridgeFitter.ridges
    let solutions = try ridges.map { try fitting.solve(ridge: $0) }
    guard
      let best = solutions.map({ (solution: $0, error: judge.squaredError($0)) })
        .min(by: { $0.error < $1.error })
    else { preconditionFailure("there are penalties") }
    return (
      try Graft(
        layer: layer, down: zip(own, best.solution.weights).map { Float(Double($0) + $1) },
        bias: best.solution.bias.map(Float.init)),
      best.error / max(judge.targetSquares, .leastNormalMagnitude)
    )
  }
}

extension Bridges {
  /// The bridges with grafts behind them, fitted one after the other.
  ///
  /// - Parameters:
  ///   - layers: blocks that get another down-projection; those that the bridges change already, and
  ///     those that cannot take one, are left as they are.
  ///   - model: in float32.
  ///   - texts: what they are fitted to; read twice for each, once by the full model.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Returns: the bridges with the grafts, and the error left at each, over the error before it.
  /// - Throws: `DepthError`, `BridgeError`, and what a forward pass throws.
  public func mended(
    on layers: [Int], _ model: DecoderModel, _ texts: Texts, progress: (Int) -> Void = { _ in }
  ) throws -> (bridges: Bridges, errors: [Int: Double]) {
    var current = self
    var errors: [Int: Double] = [:]
    for layer in Set(layers).sorted() {
      let plan = try current.plan(for: model)
      guard model.canGraft(on: layer), plan[layer] == .run else { continue }
      var fitter = try GraftFitter(model, layer: layer, plan: plan)
      try fitter.read(texts.fit, for: .fit, progress: progress)
      try fitter.read(texts.choose, for: .choose, progress: progress)
      let (graft, error) = try fitter.fit()
      errors[layer] = error
      current = try Bridges(
        current.bridges, grafts: current.grafts + [graft], notes: current.notes)
    }
    current.notes["mended"] = current.grafts.map { "\($0.layer)" }.joined(separator: ",")
    return (current, errors)
  }
}
