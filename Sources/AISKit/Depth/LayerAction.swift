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

  /// True where the attention is computed, and so keys and values are kept.
  public var runsAttention: Bool { self != .skip && self != .skipAttention }

  /// True where the feed-forward network is computed.
  public var runsFeedForward: Bool { self != .skip && self != .skipFeedForward }
}
