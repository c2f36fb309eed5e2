import AISKit
import ArgumentParser

/// How a state before the last layer becomes a prediction.
public enum ExitReadout: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// The model's own final norm and head, on the state as it is.
  case head
  /// The same after a linear map to the final state.
  case bridge
}

/// How the states of exited tokens are read out.
public struct ReadoutOptions: ParsableArguments {
  /// How a state before the last layer is read out.
  @Option(
    help:
      "What reads out a state before the last layer: head, bridge (a linear map, then the head)."
  )
  public var readout: ExitReadout = .head

  /// Options at their defaults.
  public init() {}

  /// The maps that have to be fitted first.
  public var needs: [Need] { readout == .bridge ? [.bridges] : [] }

  /// The readout's part of a result's name; empty for `head`.
  public var label: String { readout == .head ? "" : "exit-\(readout.rawValue)" }

  /// The part of a result's name for the routers and this readout.
  public func label(_ routers: RouterOptions) -> String {
    [routers.label, label].filter { !$0.isEmpty }.joined(separator: "-")
  }
}
