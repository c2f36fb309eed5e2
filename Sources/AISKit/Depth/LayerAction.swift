/// What happens to the residual stream at one layer.
public enum LayerAction: Sendable, Hashable {
  /// The block runs.
  case run
  /// The block is left out: the residual stream passes unchanged.
  case skip
  /// The block's attention is left out; its feed-forward network runs.
  case skipAttention
  /// The block's feed-forward network is left out; its attention runs.
  case skipFeedForward
  /// The block runs and is blended with its input: h ← α·block(h) + (1 − α)·h, 0 < α < 1.
  case blend(alpha: Float)
  /// The block is left out, the first of a run for which a linear map stands: h ← h + W·h + c.
  case bridge(PackedBridge)
  /// The block runs with another down-projection.
  case graft(PackedGraft)

  /// True where nothing of the block is computed.
  public var leavesOutBlock: Bool { !runsAttention && !runsFeedForward }

  /// True where the attention is computed, and so keys and values are kept.
  public var runsAttention: Bool {
    switch self {
    case .skip, .skipAttention, .bridge: false
    case .run, .skipFeedForward, .blend, .graft: true
    }
  }

  /// True where the feed-forward network is computed.
  public var runsFeedForward: Bool {
    switch self {
    case .skip, .skipFeedForward, .bridge: false
    case .run, .skipAttention, .blend, .graft: true
    }
  }

  /// What the block has in the place of its own down-projection.
  var graftedDown: WeightMatrix? {
    if case .graft(let graft) = self { graft.down } else { nil }
  }
}
