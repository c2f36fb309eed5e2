/// Observes a forward pass without changing it, for example to trace, capture or count.
///
/// Called on the pass's thread, between blocks. An error that it throws stops the pass.
public protocol ForwardObserver: AnyObject {
  /// Whether it reads every row's states. If it does not, the last active layer computes only the
  /// rows that get logits, and `finished` and `activated` get only those rows.
  var readsHiddenStates: Bool { get }

  /// The token embeddings: the input of layer 0.
  func embedded(_ hidden: borrowing HiddenStates) throws

  /// A step finished; `hidden` is its output and the next step's input. Not called once all rows
  /// have exited.
  func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) throws

  /// Whether to call `activated` for a layer.
  func readsActivations(of layer: Int) -> Bool

  /// The input of the down-projection of a layer's dense feed-forward network. Called only if
  /// products read float32.
  ///
  /// Shape: [rows computed, intermediate].
  func activated(layer: Int, inner: borrowing HiddenStates) throws

  /// The exit rule scored the computed rows after `layer`, also rows that have exited and are still
  /// computed.
  ///
  /// Shape: rows and scores [rows computed].
  func scored(layer: Int, rows: [Int], scores: [Float]) throws

  /// Rows of the batch exited after `layer`, the last layer that they ran.
  func exited(layer: Int, rows: [Int]) throws

  /// Keys and values of `layer` were computed for this many rows that had exited before it.
  func filled(layer: Int, rows: Int) throws
}

extension ForwardObserver {
  /// By default an observer reads hidden states.
  public var readsHiddenStates: Bool { true }

  /// Ignores the embeddings.
  public func embedded(_ hidden: borrowing HiddenStates) throws {}

  /// Ignores the steps.
  public func finished(_ step: Step, _ action: StepAction, hidden: borrowing HiddenStates) throws {}

  /// By default no activations are observed.
  public func readsActivations(of layer: Int) -> Bool { false }

  /// Ignores the activations.
  public func activated(layer: Int, inner: borrowing HiddenStates) throws {}

  /// Ignores the scores.
  public func scored(layer: Int, rows: [Int], scores: [Float]) throws {}

  /// Ignores the exits.
  public func exited(layer: Int, rows: [Int]) throws {}

  /// Ignores the fills.
  public func filled(layer: Int, rows: Int) throws {}
}
