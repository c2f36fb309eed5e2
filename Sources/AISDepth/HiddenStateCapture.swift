/// Keeps the outputs of some layers at some rows of each pass, of passes in which no row leaves.
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
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    guard layers.contains(layer) else { return }
    var values: [Float] = []
    values.reserveCapacity(rows.count * hidden.width)
    for row in rows { hidden.withRow(row) { values.append(contentsOf: $0) } }
    captured[layer] = values
  }

  /// Stops the pass: of a row that left, later layers have no output.
  public func left(layer: Int, rows: [Int]) throws {
    throw DepthError(
      "capture of layers \(layers)", expected: "a pass in which no row leaves",
      found: "\(rows.count) rows that left behind layer \(layer)")
  }
}
