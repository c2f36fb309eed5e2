/// What happens to the residual stream at one layer.
public enum LayerAction: Sendable, Equatable {
  /// The block runs.
  case run
  /// The block is left out: the residual stream passes unchanged.
  case skip
  /// The block runs and is blended with its input: h ← α·block(h) + (1 − α)·h, 0 < α < 1.
  case blend(alpha: Float)
}
