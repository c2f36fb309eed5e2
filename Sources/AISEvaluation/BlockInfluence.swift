/// Block influence: 1 − cos(input, output) of each block, averaged over the rows of a pass.
///
/// Source: Men et al. 2024, "ShortGPT" (arXiv 2403.03853), equation 1.
public final class BlockInfluence: ForwardObserver {
  /// The influence of each layer of the last pass, in order; 0 for a skipped layer.
  ///
  /// Shape: [layers].
  public private(set) var values: [Double] = []
  private var before: [[Float]] = []

  /// An observer before its first pass.
  public init() {}

  /// Keeps the first layer's input.
  public func embedded(_ hidden: borrowing HiddenStates) throws {
    values.removeAll(keepingCapacity: true)
    before.removeAll(keepingCapacity: true)
    for row in 0..<hidden.rows { before.append(try hidden.row(row)) }
  }

  /// Compares a layer's output with its input.
  public func finished(
    _ step: Step, _ action: StepAction, hidden: borrowing HiddenStates
  ) throws {
    var sum = 0.0
    for row in 0..<hidden.rows {
      let (input, output) = (before[row], try hidden.row(row))
      sum += 1 - Cosine.of(input.span, output.span)
      before[row] = output
    }
    values.append(sum / Double(hidden.rows))
  }

  /// Throws, because later layers have no output for a row that exited.
  public func exited(layer: Int, rows: [Int]) throws {
    throw RequestError(
      "block influence", expected: "a pass in which no row exits",
      found: "\(rows.count) rows that exited after layer \(layer)")
  }
}
