/// What the layers that a row no longer runs hold for it in the KV cache.
///
/// Later rows of the sequence may run those layers and look back at it.
public enum KVFill: String, Sendable, CaseIterable {
  /// Keys and values computed from the hidden state with which the row left: the state stands for what
  /// the row would have become (CALM, Schuster et al. 2022). Computed when a later row first needs them.
  case project
  /// Nothing: later rows don't see the row in those layers.
  case hole
  /// Zeros that later rows do see: each takes its share of the softmax, exp(0), and adds nothing.
  case zero

  /// The fill of a name; `zero_pad` is what TIDE calls `zero`.
  public init?(name: String) {
    if name == "zero_pad" { self = .zero } else { self.init(rawValue: name) }
  }
}
