/// What stands for the layers left out.
public enum BridgeForm: String, Sendable, CaseIterable {
  /// A map of the residual stream: h ← h + W·h + c.
  case map
  /// The down-projection before the run, multiplied by a map of its own output, which costs nothing
  /// (ReplaceMe).
  case merged
  /// The down-projection before the run, fitted anew with as many numbers as it has, which costs
  /// nothing either.
  case graft
  /// Both a map of the residual stream and a down-projection fitted anew.
  case both

  /// Whether it reads what the down-projection before the run reads.
  public var readsActivations: Bool { self != .map }

  /// Whether a map of the residual stream is a part of it.
  public var hasMap: Bool { self == .map || self == .both }
}
