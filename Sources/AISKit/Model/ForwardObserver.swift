/// Looks at a forward pass without changing it: traces, captures, counts.
///
/// Called on the pass's own thread, between blocks. Throwing stops the pass.
public protocol ForwardObserver: AnyObject {
  /// The token embeddings: the input of layer 0.
  func embedded(_ hidden: borrowing HiddenStates) throws

  /// Layer `layer` took `action`; `hidden` is its output and the next layer's input.
  func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) throws
}

extension ForwardObserver {
  /// Ignores the embeddings.
  public func embedded(_ hidden: borrowing HiddenStates) throws {}

  /// Ignores the layers.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) throws {}
}
