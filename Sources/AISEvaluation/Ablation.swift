/// A part of the model that an ablation skips.
public struct AblationUnit: Sendable, Hashable {
  /// The kind of part that is skipped.
  public enum Part: String, Sendable, CaseIterable {
    /// A whole layer.
    case layer
    /// A layer's attention alone.
    case attention
    /// A layer's feed-forward network alone.
    case feedForward = "feed_forward"
    /// A run of whole layers.
    case group
  }

  /// The kind of part.
  public let part: Part
  /// The layers.
  public let run: LayerRun

  /// A unit from its parts.
  public init(_ part: Part, _ run: LayerRun) {
    self.part = part
    self.run = run
  }

  /// The plan that skips the unit.
  public var plan: DepthPlan {
    get throws {
      let action: LayerAction =
        switch part {
        case .layer, .group: .skip
        case .attention: .skipAttention
        case .feedForward: .skipFeedForward
        }
      return try DepthPlan(
        Dictionary(uniqueKeysWithValues: run.layers.map { ($0, action) }))
    }
  }

  /// All units of a model: every layer, every attention, every feed-forward network, and all layers
  /// cut into `groups` runs.
  ///
  /// - Throws: `RequestError` if the layers cannot be cut into this many groups.
  public static func all(layerCount: Int, groups: Int) throws -> [AblationUnit] {
    let single: [Part] = [.layer, .attention, .feedForward]
    let units = single.flatMap { part in
      (0..<layerCount).map { AblationUnit(part, LayerRun($0, $0)) }
    }
    return try units
      + LayerRun.partition(layerCount: layerCount, into: groups).map { AblationUnit(.group, $0) }
  }
}

/// The effect of skipping a unit on one prompt's next-token distributions.
public struct AblationEffect: Sendable, Equatable {
  /// KL(base‖skip), averaged over the measured positions, in nats.
  public let klAllPositions: Double
  /// KL(base‖skip) at the last position, in nats.
  public let klLastPosition: Double
  /// The share of the measured positions with the same most probable token.
  public let topOneAgreement: Double
  /// Whether the last position's most probable token is the same.
  public let lastTopOneAgrees: Bool
}

/// Skips units one at a time and measures each one's effect on a prompt.
///
/// The layers before a unit are computed once for all units. The full pass keeps a snapshot before
/// each layer. Then each unit's pass continues from the snapshot before its first layer, the last
/// layers first.
public final class Ablation {
  private let model: DecoderModel
  private let units: [AblationUnit]
  private let influenceObserver = BlockInfluence()

  /// Each layer's block influence on the last prompt.
  ///
  /// Shape: [layers].
  public var blockInfluence: [Double] { influenceObserver.values }

  /// An ablation of a model's units.
  public init(model: DecoderModel, units: [AblationUnit]) {
    self.model = model
    self.units = units
  }

  /// The effect of each unit on a prompt, in the units' order.
  ///
  /// - Parameters:
  ///   - prompt: the tokens.
  ///   - firstPosition: the first measured position. Positions before it, such as a chat
  ///     template's opening, are the same in every prompt.
  /// - Returns: an effect for each unit.
  /// - Throws: what a forward pass throws.
  public func effects(
    on prompt: [Int32], from firstPosition: Int = 0
  ) throws -> [AblationEffect] {
    guard prompt.indices.contains(firstPosition) else {
      throw RequestError(
        "prompt", expected: "more than \(firstPosition) tokens", found: "\(prompt.count)")
    }
    var context = try model.makeContext(capacity: prompt.count)
    var snapshots: [PassSnapshot] = []
    let layers = model.config.layerCount
    try model.begin(
      PackedTokens(prompt), in: &context, through: 0, observer: influenceObserver)
    for layer in 1..<layers {
      snapshots.append(context.snapshot())
      try model.advance(in: &context, through: layer, observer: influenceObserver)
    }
    try model.finish(in: &context, logits: .all)
    let width = model.config.vocabularySize
    let skipped = firstPosition * width
    let base = context.withAllLogits { Array($0[skipped...]) }
    var effects = [AblationEffect?](repeating: nil, count: units.count)
    // Later units first: a snapshot is invalid once an earlier one has been continued.
    for index in units.indices.sorted(by: { units[$0].run.first > units[$1].run.first }) {
      let unit = units[index]
      if unit.run.first > 0 {
        context.restore(snapshots[unit.run.first - 1])
        try model.finish(in: &context, policy: unit.plan, logits: .all)
      } else {
        context.removeAll()
        try model.forward(
          PackedTokens(prompt), in: &context, policy: unit.plan, logits: .all)
      }
      effects[index] = context.withAllLogits { other in
        base.withUnsafeBufferPointer {
          Self.effect(
            LogitComparison.rows(
              base: $0, other: UnsafeBufferPointer(rebasing: other[skipped...]), width: width))
        }
      }
    }
    return effects.compactMap { $0 }
  }

  /// The effect of a policy on a prompt's next-token distributions, compared with the full model's.
  ///
  /// - Parameters:
  ///   - policy: the policy.
  ///   - prompt: the tokens.
  ///   - firstPosition: the first measured position.
  /// - Returns: the effect.
  /// - Throws: what a forward pass throws.
  public func effect(
    of policy: some DepthPolicy, on prompt: [Int32], from firstPosition: Int = 0
  ) throws -> AblationEffect {
    let comparison = try PlanComparison(model, texts: [prompt], firstPosition: firstPosition)
    guard let rows = try comparison.compare(policy).first, !rows.isEmpty else {
      throw RequestError(
        "prompt", expected: "more than \(firstPosition) tokens", found: "\(prompt.count)")
    }
    return Self.effect(rows)
  }

  private static func effect(_ rows: [LogitComparison]) -> AblationEffect {
    let count = Double(rows.count)
    return AblationEffect(
      klAllPositions: rows.reduce(0) { $0 + $1.klBaseSkip } / count,
      klLastPosition: rows.last?.klBaseSkip ?? .nan,
      topOneAgreement: Double(rows.filter(\.topOneAgrees).count) / count,
      lastTopOneAgrees: rows.last?.topOneAgrees ?? false)
  }
}
