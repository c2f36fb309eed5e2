/// Counts what the loop did: the blocks that were computed in a pass, as the loop reported them.
public final class DepthTrace: ForwardObserver {
  /// Blocks computed in the last pass, blended ones included.
  public private(set) var executedLayers = 0

  /// A trace that has seen nothing.
  public init() {}

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) { executedLayers = 0 }

  /// Counts a layer unless it was left out.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    guard action != .skip else { return }
    executedLayers += 1
  }
}
