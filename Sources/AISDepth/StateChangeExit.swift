/// Exit by how little a layer still changes: a row exits if ‖h − h'‖ / ‖h'‖ is below a bound.
///
/// h' is the layer's input and h its output. Source: the hidden-state saturation of CALM (Schuster et al.,
/// 2022), by length instead of angle.
public struct StateChangeExit: ExitRule {
  private let bound: Float
  private let layers: Set<Int>?

  /// Rows exit after some layers (`nil`: any) if the relative change is below `bound`.
  public init(below bound: Float, after layers: Set<Int>? = nil) {
    (self.bound, self.layers) = (bound, layers)
  }

  /// It compares a layer's output with its input.
  public var readsInputStates: Bool { true }

  /// After the layers that were given.
  public func mayExit(after layer: Int) -> Bool { layers?.contains(layer) ?? true }

  /// Rows with a small change exit; a row's score is the change, negated. A layer that was skipped changes nothing,
  /// and says nothing: no row exits after it.
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
