/// Looks at a forward pass without changing it: traces, captures, counts.
///
/// Called on the pass's own thread, between blocks. Throwing stops the pass.
public protocol ForwardObserver: AnyObject {
  /// Whether every row's states are looked at. Where they are not, `finished` and `activated` may get
  /// of the last layer only the rows that get logits, which is all that is computed then.
  var readsHiddenStates: Bool { get }

  /// The token embeddings: the input of layer 0.
  func embedded(_ hidden: borrowing HiddenStates) throws

  /// Layer `layer` took `action`; `hidden` is its output and the next layer's input. A layer that no
  /// row is left for is not reported.
  func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) throws

  /// Whether `activated` is wanted for a layer.
  func readsActivations(of layer: Int) -> Bool

  /// What the down-projection of a layer's dense feed-forward network read; only where products read
  /// float32.
  ///
  /// Shape: [rows computed, intermediate].
  func activated(layer: Int, inner: borrowing HiddenStates) throws

  /// The routers behind `layer` scored rows of the batch, those that have left and are still computed
  /// among them.
  ///
  /// Shape: rows and scores [rows computed].
  func scored(layer: Int, rows: [Int], scores: UnsafeBufferPointer<Float>) throws

  /// Rows of the batch left behind `layer`, the last that they ran.
  func left(layer: Int, rows: [Int]) throws

  /// Keys and values of `layer` were computed for this many rows that had left before it.
  func filled(layer: Int, rows: Int) throws
}

extension ForwardObserver {
  /// Observers look unless they say otherwise.
  public var readsHiddenStates: Bool { true }

  /// Ignores the embeddings.
  public func embedded(_ hidden: borrowing HiddenStates) throws {}

  /// Ignores the layers.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) throws {}

  /// Wants none.
  public func readsActivations(of layer: Int) -> Bool { false }

  /// Ignores the activations.
  public func activated(layer: Int, inner: borrowing HiddenStates) throws {}

  /// Ignores the scores.
  public func scored(layer: Int, rows: [Int], scores: UnsafeBufferPointer<Float>) throws {}

  /// Ignores the exits.
  public func left(layer: Int, rows: [Int]) throws {}

  /// Ignores the fills.
  public func filled(layer: Int, rows: Int) throws {}
}
