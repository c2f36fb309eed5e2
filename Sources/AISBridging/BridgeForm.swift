/// The kind of bridge that replaces a run of layers.
public enum BridgeForm: String, Sendable, CaseIterable {
  /// A map of the residual stream: h ← h + W·h + c.
  case map
  /// The down-projection before the run, multiplied by a map of its output (ReplaceMe). It has no
  /// cost at run time.
  case merged
  /// A newly fitted down-projection before the run, of the same shape. It has no cost at run time.
  case graft
  /// A map of the residual stream and a newly fitted down-projection.
  case both

  /// Whether the fit needs the inputs of the down-projection before the run.
  public var readsActivations: Bool { self != .map }

  /// Whether it has a map of the residual stream.
  public var hasMap: Bool { self == .map || self == .both }
}
