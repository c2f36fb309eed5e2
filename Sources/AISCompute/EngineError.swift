/// A failure of a matrix engine that is no fault of the input.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  /// The library that failed.
  public let engine: String
  /// What was being done.
  public let operation: String
  /// What the library answered.
  public let reason: String

  /// One line: engine, operation, reason.
  public var description: String { "\(engine): \(operation) failed: \(reason)" }

  /// Weights met an engine that did not pack them.
  static let foreignWeights = EngineError(
    engine: "AIS", operation: "multiplying", reason: "weights packed by another engine")
}
