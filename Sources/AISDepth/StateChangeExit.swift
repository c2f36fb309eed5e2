/// A row exits if a layer changes its state by little: ‖h − h'‖ / ‖h'‖ below a bound.
///
/// h' is the layer's input and h its output. CALM's hidden-state saturation (Schuster et al., 2022)
/// compares angles instead of lengths.
public struct StateChangeExit: ExitRule {
  private let bound: Float
  private let layers: Set<Int>?

  /// Rows exit after `layers` (`nil`: any layer) if the relative change is below `bound`.
  public init(below bound: Float, after layers: Set<Int>? = nil) {
    (self.bound, self.layers) = (bound, layers)
  }

  /// The rule compares a layer's output with its input.
  public var readsInputStates: Bool { true }

  /// True after the given layers.
  public func mayExit(after layer: Int) -> Bool { layers?.contains(layer) ?? true }

  /// Rows with a small change exit; the scores are the negated changes.
  ///
  /// No row exits after a layer that it skipped.
  public func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
    let (before, after) = (try pass.inputStates(), try pass.states())
    let width = after.count / pass.rowCount
    let scores = (0..<pass.rowCount).map { row in
      var (change, length): (Float, Float) = (0, 0)
      for place in row * width..<(row + 1) * width {
        change += (after[place] - before[place]) * (after[place] - before[place])
        length += before[place] * before[place]
      }
      return change > 0 ? -(change / length).squareRoot() : -.infinity
    }
    return ExitDecision(scores: scores, above: -bound)
  }
}
