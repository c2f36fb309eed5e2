/// One action for every layer, fixed before the pass: the simplest policy.
///
/// A plan is a value. `DepthPlan.full` runs everything and is the baseline of every comparison. Plans
/// are canonical, so that equal behaviour means equal values: blending with α = 1 is run, with α = 0
/// is skip, and a plan that runs everything equals `full`.
public struct DepthPlan: DepthPolicy, Hashable {
  /// Actions other than run, by layer.
  private let exceptions: [Int: LayerAction]

  /// Runs every layer.
  public static let full = DepthPlan(exceptions: [:])

  private init(exceptions: [Int: LayerAction]) { self.exceptions = exceptions }

  /// A plan from the actions of some layers; the others run.
  ///
  /// - Throws: `DepthError` for a negative layer or an α outside 0…1.
  public init(_ actions: [Int: LayerAction]) throws {
    var exceptions: [Int: LayerAction] = [:]
    for (layer, action) in actions {
      guard layer >= 0 else {
        throw DepthError(
          "layer \(layer)", expected: "a layer index of at least 0", found: "\(layer)")
      }
      switch action {
      case .run: continue
      case .skip, .skipAttention, .skipFeedForward, .bridge, .graft:
        exceptions[layer] = action
      case .blend(let alpha):
        guard alpha >= 0, alpha <= 1 else {
          throw DepthError("alpha of layer \(layer)", expected: "0 ≤ α ≤ 1", found: "\(alpha)")
        }
        if alpha == 1 { continue }
        exceptions[layer] = alpha == 0 ? .skip : .blend(alpha: alpha)
      }
    }
    self.exceptions = exceptions
  }

  /// The plan with other actions at some layers.
  ///
  /// - Throws: as `init`.
  func adding(_ actions: [Int: LayerAction]) throws -> DepthPlan {
    try DepthPlan(exceptions.merging(actions) { $1 })
  }

  /// Leaves out the given layers.
  public static func skipping(_ layers: some Sequence<Int>) throws -> DepthPlan {
    try DepthPlan(Dictionary(layers.map { ($0, .skip) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Blends the given layers: h ← α·block(h) + (1 − α)·h.
  public static func blending(_ layers: some Sequence<Int>, alpha: Float) throws -> DepthPlan {
    try DepthPlan(
      Dictionary(layers.map { ($0, .blend(alpha: alpha)) }, uniquingKeysWith: { first, _ in first })
    )
  }

  /// The action at a layer.
  public subscript(layer: Int) -> LayerAction { exceptions[layer] ?? .run }

  /// Layers that are left out whole, ascending; those that a bridge stands for among them.
  public var skippedLayers: [Int] {
    exceptions.filter { $0.value.leavesOutBlock }.keys.sorted()
  }

  /// The bridges in the places of layers, by rising layer.
  public var bridges: [Bridge] {
    exceptions.values.compactMap { action in
      if case .bridge(let packed) = action { packed.bridge } else { nil }
    }.sorted { $0.run.first < $1.run.first }
  }

  /// Layers that run with another down-projection, ascending.
  public var graftedLayers: [Int] {
    exceptions.compactMap { layer, action in
      if case .graft = action { layer } else { nil }
    }.sorted()
  }

  /// Layers with this very action, ascending.
  func layers(_ action: LayerAction) -> [Int] {
    exceptions.filter { $0.value == action }.keys.sorted()
  }

  /// The first layer that does not simply run; `nil` of the full plan.
  public var firstChangedLayer: Int? { exceptions.keys.min() }

  /// Layers that are blended, ascending, with their α.
  public var blendedLayers: [(layer: Int, alpha: Float)] {
    exceptions.sorted { $0.key < $1.key }.compactMap { layer, action in
      if case .blend(let alpha) = action { (layer, alpha) } else { nil }
    }
  }

  /// Blocks computed, whole or in part, in a model of `layerCount` layers.
  public func executedLayers(of layerCount: Int) -> Int {
    layerCount - exceptions.filter { $0.value.leavesOutBlock && $0.key < layerCount }.count
  }

  /// The last layer that is not left out without anything in its place; −1 where there is none.
  public func lastActiveLayer(of layerCount: Int) -> Int {
    (0..<layerCount).last { self[$0] != .skip } ?? -1
  }

  /// The plan's action, whatever the hidden states are.
  public func action(layer: Int, hidden: borrowing HiddenStates) -> LayerAction { self[layer] }

  /// - Throws: `DepthError` where the plan names a layer that the model does not have, or changes
  ///   one before `firstLayer`.
  public func validate(for config: ModelConfig, from firstLayer: Int = 0) throws {
    if let first = firstChangedLayer, first < firstLayer {
      throw DepthError(
        "depth plan", expected: "layers from \(firstLayer) on, since those before have run",
        found: "layer \(first)")
    }
    if let beyond = exceptions.keys.filter({ $0 >= config.layerCount }).min() {
      throw DepthError(
        "depth plan", expected: "layers 0 to \(config.layerCount - 1)", found: "layer \(beyond)")
    }
  }
}
