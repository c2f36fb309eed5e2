/// The simplest policy: one action for every layer, fixed before the pass.
///
/// `DepthPlan.full` runs everything and is the baseline of every comparison. Plans along one path
/// that do the same are equal: blending with α = 1 becomes run, blending with α = 0 becomes skip, and
/// a plan that runs everything equals `full`.
public struct DepthPlan: DepthPolicy, Hashable {
  /// Actions other than run, by layer.
  private let exceptions: [Int: LayerAction]
  /// The layers in the order in which a pass reaches them.
  public let path: LayerPath

  /// Runs every layer once.
  public static let full = DepthPlan(exceptions: [:], path: .once)

  private init(exceptions: [Int: LayerAction], path: LayerPath) {
    self.exceptions = exceptions
    self.path = path
  }

  /// A plan from the actions of some layers; the others run.
  ///
  /// - Throws: `RequestError` for a negative layer or an α outside 0…1.
  public init(_ actions: [Int: LayerAction], path: LayerPath = .once) throws {
    var exceptions: [Int: LayerAction] = [:]
    for (layer, action) in actions {
      guard layer >= 0 else {
        throw RequestError(
          "layer \(layer)", expected: "a layer index of at least 0", found: "\(layer)")
      }
      switch action {
      case .run: continue
      case .skip, .skipAttention, .skipFeedForward, .replace:
        exceptions[layer] = action
      case .blend(let alpha):
        guard alpha >= 0, alpha <= 1 else {
          throw RequestError("alpha of layer \(layer)", expected: "0 ≤ α ≤ 1", found: "\(alpha)")
        }
        if alpha == 1 { continue }
        exceptions[layer] = alpha == 0 ? .skip : .blend(alpha: alpha)
      }
    }
    self.init(exceptions: exceptions, path: path)
  }

  /// The plan with other actions at some layers.
  ///
  /// - Throws: as `init`.
  public func adding(_ actions: [Int: LayerAction]) throws -> DepthPlan {
    try DepthPlan(exceptions.merging(actions) { $1 }, path: path)
  }

  /// The same actions along another path.
  public func along(_ path: LayerPath) -> DepthPlan {
    DepthPlan(exceptions: exceptions, path: path)
  }

  /// Skips the given layers.
  public static func skipping(_ layers: some Sequence<Int>) throws -> DepthPlan {
    try DepthPlan(Dictionary(layers.map { ($0, .skip) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Blends the given layers: h ← α·block(h) + (1 − α)·h.
  public static func blending(_ layers: some Sequence<Int>, alpha: Float) throws -> DepthPlan {
    try DepthPlan(
      Dictionary(layers.map { ($0, .blend(alpha: alpha)) }, uniquingKeysWith: { first, _ in first })
    )
  }

  /// Itself.
  public var plan: DepthPlan? { self }

  /// The action at a layer.
  public subscript(layer: Int) -> LayerAction { exceptions[layer] ?? .run }

  /// The steps in a model of `layerCount` layers, each with its action.
  public func steps(of layerCount: Int) -> [(step: Step, action: LayerAction)] {
    path.steps(of: layerCount).map { ($0, self[$0.layer]) }
  }

  /// Layers whose block is not computed, ascending.
  ///
  /// Layers that a map replaces are among them.
  public var skippedLayers: [Int] {
    exceptions.filter { $0.value.leavesOutBlock }.keys.sorted()
  }

  /// The maps that replace layers, ordered by their first layer.
  public var maps: [any ResidualMap] {
    exceptions.values.compactMap { action in
      if case .replace(let map) = action { map } else { nil }
    }.sorted { $0.run.first < $1.run.first }
  }

  /// Layers with this action, ascending.
  func layers(_ action: LayerAction) -> [Int] {
    exceptions.filter { $0.value == action }.keys.sorted()
  }

  /// The first layer that does anything else than run once, in order; `nil` for the full plan.
  public var firstChangedLayer: Int? {
    let changed = exceptions.keys.min()
    guard let detour = path.firstDetour else { return changed }
    return min(changed ?? detour, detour)
  }

  /// Layers that are blended, ascending, with their α.
  public var blendedLayers: [(layer: Int, alpha: Float)] {
    exceptions.sorted { $0.key < $1.key }.compactMap { layer, action in
      if case .blend(let alpha) = action { (layer, alpha) } else { nil }
    }
  }

  /// Blocks computed, whole or in part, in a model of `layerCount` layers.
  public func executedLayers(of layerCount: Int) -> Int {
    guard path != .once else {
      return layerCount - exceptions.count { $0.value.leavesOutBlock && $0.key < layerCount }
    }
    return steps(of: layerCount).count { !$0.action.leavesOutBlock }
  }

  /// The last step that runs part of a block or a map; −1 if there is none.
  public func lastActiveStep(of layerCount: Int) -> Int {
    if path == .once { return (0..<layerCount).last { self[$0] != .skip } ?? -1 }
    return steps(of: layerCount).last { $0.action != .skip }?.step.index ?? -1
  }

  /// - Throws: `RequestError` if the plan names a layer that the model does not have, changes a step
  ///   before `firstStep`, or has a map that does not replace its whole run.
  public func validate(for config: ModelConfig, from firstStep: Int = 0) throws {
    // The pass itself checks that a path begins with the steps that have run.
    let done = path.layers?.prefix(firstStep) ?? ArraySlice(0..<firstStep)
    if let changed = done.first(where: { self[$0] != .run }) {
      throw RequestError(
        "depth plan",
        expected: "\(path == .once ? "layers" : "steps") from \(firstStep) on, since those before "
          + "have run", found: "layer \(changed)")
    }
    if let beyond = exceptions.keys.filter({ $0 >= config.layerCount }).min() {
      throw RequestError(
        "depth plan", expected: "layers 0 to \(config.layerCount - 1)", found: "layer \(beyond)")
    }
    try path.validate(layerCount: config.layerCount)
    try validateMaps(layerCount: config.layerCount)
  }

  /// Throws unless each map is the action of its run's first layer, the plan skips the rest of the
  /// run, and the path has the whole run in a row.
  private func validateMaps(layerCount: Int) throws {
    for (layer, action) in exceptions {
      guard case .replace(let map) = action else { continue }
      let run = map.run
      let isWhole = layer == run.first && run.layers.dropFirst().allSatisfy { self[$0] == .skip }
      guard isWhole else {
        throw RequestError(
          "\(map.kind) \(run.text)",
          expected: "the action of layer \(run.first), and every other layer of it skipped",
          found: "other actions")
      }
      let steps = path.steps(of: layerCount)
      for step in steps where run.layers.dropFirst().contains(step.layer) {
        guard step.index > 0, steps[step.index - 1].layer == step.layer - 1 else {
          throw RequestError(
            "path", expected: "layers \(run.text) in a row, which a \(map.kind) replaces",
            found: "layer \(step.layer) by itself")
        }
      }
    }
  }
}
