import AISKit
import ArgumentParser

/// How a state before the last layer becomes a prediction.
public enum ExitReadout: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// By the model's own final norm and head, as it is.
  case head
  /// The same behind a linear map to the final state.
  case bridge
}

/// How states that leave are read out.
public struct ReadoutOptions: ParsableArguments {
  /// What reads out a state before the last layer.
  @Option(
    help:
      "What reads out a state before the last layer: head, bridge (a linear map, then the head)."
  )
  public var readout: ExitReadout = .head

  /// Options at their defaults.
  public init() {}

  /// The maps that have to be fitted first.
  public var needs: [Need] { readout == .bridge ? [.bridges] : [] }

  /// The readout's part of a result's name; empty for the head alone.
  public var label: String { readout == .head ? "" : "exit-\(readout.rawValue)" }

  /// The name of a result by routers and by this.
  public func label(_ routers: RouterOptions) -> String {
    [routers.label, label].filter { !$0.isEmpty }.joined(separator: "-")
  }
}
