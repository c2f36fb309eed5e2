/// Block influence: how far each block turns the residual stream, 1 − cos(input, output), averaged
/// over the rows of a pass.
///
/// Source: Men et al. 2024, "ShortGPT" (arXiv 2403.03853), equation 1.
public final class BlockInfluence: ForwardObserver {
  /// The influence of each layer that has run in the last pass, in order; 0 for one left out.
  ///
  /// Shape: [layers].
  public private(set) var values: [Double] = []
  private var before: [[Float]] = []

  /// An observer that has seen nothing.
  public init() {}

  /// A pass begins.
  public func embedded(_ hidden: borrowing HiddenStates) {
    values.removeAll(keepingCapacity: true)
    before.removeAll(keepingCapacity: true)
    for row in 0..<hidden.rows { before.append(hidden.row(row)) }
  }

  /// Compares a layer's output with its input.
  public func finished(layer: Int, action: LayerAction, hidden: borrowing HiddenStates) {
    var sum = 0.0
    for row in 0..<hidden.rows {
      hidden.withRow(row) { after in
        var (dot, inner, outer) = (0.0, 0.0, 0.0)
        for (a, b) in zip(before[row], after) {
          dot += Double(a) * Double(b)
          inner += Double(a) * Double(a)
          outer += Double(b) * Double(b)
        }
        sum += 1 - dot / max((inner * outer).squareRoot(), .leastNormalMagnitude)
      }
      before[row] = hidden.row(row)
    }
    values.append(sum / Double(hidden.rows))
  }

  /// Stops the pass: of a row that left, later layers have no output.
  public func left(layer: Int, rows: [Int]) throws {
    throw DepthError(
      "block influence", expected: "a pass in which no row leaves",
      found: "\(rows.count) rows that left behind layer \(layer)")
  }
}
