/// What the KV cache holds for an exited row in the layers that it did not run.
///
/// Later rows of the sequence may run those layers and attend to it.
public enum KVFill: String, Sendable, CaseIterable {
  /// Keys and values computed from the hidden state with which the row exited (CALM, Schuster et
  /// al. 2022). They are computed when a later row first needs them.
  case project
  /// Nothing: later rows don't see the row in those layers.
  case hole
  /// Zero keys and values that later rows do see. Each adds exp(0) to the softmax's denominator and
  /// nothing to the output.
  case zero

  /// The fill with a name.
  ///
  /// TIDE's name for `zero`, `zero_pad`, is known too.
  public init?(name: String) {
    if name == "zero_pad" { self = .zero } else { self.init(rawValue: name) }
  }
}
