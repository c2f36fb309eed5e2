/// A failure of a matrix engine that the input did not cause.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  /// The library that failed.
  public let engine: String
  /// The operation that failed.
  public let operation: String
  /// The library's reason.
  public let reason: String

  /// One line: engine, operation, reason.
  public var description: String { "\(engine): \(operation) failed: \(reason)" }

  /// An engine was given weights that another engine packed.
  static let foreignWeights = EngineError(
    engine: "AIS", operation: "multiplying", reason: "weights packed by another engine")
}
