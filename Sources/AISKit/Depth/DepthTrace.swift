/// Counts what the loop did: the blocks that were computed in a pass, as the loop reported them.
public final class DepthTrace: ForwardObserver {
  /// Blocks computed in the last pass, whole or in part, blended ones included.
  public private(set) var executedLayers = 0
  /// Attentions computed in the last pass.
  public private(set) var executedAttentions = 0
  /// Feed-forward networks computed in the last pass.
  public private(set) var executedFeedForwards = 0

  /// A trace that has seen nothing.
  public init() {}

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) {
    (executedLayers, executedAttentions, executedFeedForwards) = (0, 0, 0)
  }

  /// Counts a layer unless it was left out.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    if action.runsAttention { executedAttentions += 1 }
    if action.runsFeedForward { executedFeedForwards += 1 }
    if action != .skip { executedLayers += 1 }
  }
}
