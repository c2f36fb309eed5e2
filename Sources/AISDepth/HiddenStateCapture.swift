/// Keeps the outputs of some layers at some rows of each pass, of passes in which no row exits.
public final class HiddenStateCapture: ForwardObserver {
  /// The layers whose output is kept.
  public let layers: [Int]
  /// The rows of the batch that are kept; set before each pass.
  public var rows: [Int] = []
  /// Outputs of the last pass: for each layer of `layers`, rows in order.
  ///
  /// Shape: [rows, hiddenSize].
  public private(set) var captured: [Int: [Float]] = [:]

  /// Keeps the outputs of `layers`.
  public init(layers: [Int]) { self.layers = layers }

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) {
    captured.removeAll(keepingCapacity: true)
  }

  /// Keeps what was asked for.
  public func finished(
    _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
  ) throws {
    if layers.contains(step.layer) { captured[step.layer] = try hidden.rows(rows) }
  }

  /// Stops the pass: of a row that exited, later layers have no output.
  public func exited(layer: Int, rows: [Int]) throws {
    throw RequestError(
      "capture of layers \(layers)", expected: "a pass in which no row exits",
      found: "\(rows.count) rows that exited after layer \(layer)")
  }
}
