/// Keeps the outputs of some layers at some rows of a pass.
///
/// The pass throws if rows exit.
public final class HiddenStateCapture: ForwardObserver {
  /// The layers whose output is kept.
  public let layers: [Int]
  /// The rows of the batch that are kept; set before each pass.
  public var rows: [Int] = []
  /// Outputs of the last pass by layer, the rows in the order of `rows`.
  ///
  /// Of a layer that a path runs twice, the later output is kept.
  ///
  /// Shape: [rows, hiddenSize].
  public private(set) var captured: [Int: [Float]] = [:]

  /// A capture of the outputs of `layers`.
  public init(layers: [Int]) { self.layers = layers }

  /// Forgets the last pass.
  public func embedded(_ hidden: borrowing HiddenStates) {
    captured.removeAll(keepingCapacity: true)
  }

  /// Keeps the rows of a chosen layer.
  public func finished(
    _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
  ) throws {
    if layers.contains(step.layer) { captured[step.layer] = try hidden.rows(rows) }
  }

  /// Throws, because later layers have no output for a row that exited.
  public func exited(layer: Int, rows: [Int]) throws {
    throw RequestError(
      "capture of layers \(layers)", expected: "a pass in which no row exits",
      found: "\(rows.count) rows that exited after layer \(layer)")
  }
}
