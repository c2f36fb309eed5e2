/// Decides, layer by layer, what a forward pass computes.
///
/// A policy is a value that can be used by several passes at the same time; what it needs to
/// remember between layers belongs to the pass.
public protocol DepthPolicy: Sendable {
  /// True where `action` looks at the hidden states. A policy that does not never makes a backend
  /// wait for its results.
  var readsHiddenStates: Bool { get }

  /// How rows leave before the last layer; `nil` where all stay.
  var tokenExit: TokenExit? { get }

  /// The last layer, 0-based, that is not left out, as far as that is known before a pass; every layer
  /// behind it must be. It computes only what logits need, unless rows leave, who need the model's last.
  func lastActiveLayer(of layerCount: Int) -> Int

  /// What happens at `layer` (0-based). `hidden` is the block's input, [rows, hiddenSize].
  func action(layer: Int, hidden: borrowing HiddenStates) throws -> LayerAction

  /// Throws if the policy does not fit a model of this shape, or would act on a layer before
  /// `firstLayer`, which has been computed already; called before anything else is computed.
  func validate(for config: ModelConfig, from firstLayer: Int) throws
}

extension DepthPolicy {
  /// Policies decide without looking unless they say otherwise.
  public var readsHiddenStates: Bool { false }

  /// All rows stay unless the policy says otherwise.
  public var tokenExit: TokenExit? { nil }

  /// The model's last layer unless the policy says otherwise.
  public func lastActiveLayer(of layerCount: Int) -> Int { layerCount - 1 }

  /// Fits every model unless the policy says otherwise.
  public func validate(for config: ModelConfig, from firstLayer: Int) throws {}
}
