/// What replaces a run of layers.
public enum BridgeForm: String, Sendable, CaseIterable {
  /// A map of the residual stream: h ← h + W·h + c.
  case map
  /// The down-projection before the run, multiplied by a map of its output (ReplaceMe). This costs
  /// nothing.
  case merged
  /// The down-projection before the run, fitted anew with as many numbers as it has. This costs
  /// nothing either.
  case graft
  /// Both a map of the residual stream and a down-projection fitted anew.
  case both

  /// Whether the fit needs the inputs of the down-projection before the run.
  public var readsActivations: Bool { self != .map }

  /// Whether a map of the residual stream is a part of it.
  public var hasMap: Bool { self == .map || self == .both }
}
