import Foundation

/// A row exits if the most probable token of a layer's readout leads the second by a margin.
///
/// After each such layer, every computed row costs a product with the LM head. Source: the softmax
/// response of CALM (Schuster et al., 2022).
public struct MarginExit: ExitRule {
  private let margin: Float
  private let layers: Set<Int>?

  /// Rows exit after `layers` (`nil`: any layer) if the difference of the two probabilities is
  /// above `margin`, 0 to 1.
  public init(above margin: Float, after layers: Set<Int>? = nil) {
    (self.margin, self.layers) = (margin, layers)
  }

  /// True after the given layers.
  public func mayExit(after layer: Int) -> Bool { layers?.contains(layer) ?? true }

  /// Rows with a large margin exit; the scores are the margins.
  public func exits(after step: Step, _ pass: Pass) throws -> ExitDecision {
    let scores = try pass.withReadout { logits in
      let width = logits.count / pass.rowCount
      return (0..<pass.rowCount).map { row in
        let own = UnsafeBufferPointer(rebasing: logits[row * width..<(row + 1) * width])
        let top = own.firstLargest
        let best = own[top]
        var (sum, second) = (0.0, -Float.infinity)
        for (token, logit) in own.enumerated() {
          sum += exp(Double(logit - best))
          if token != top { second = max(second, logit) }
        }
        return Float((1 - exp(Double(second - best))) / sum)
      }
    }
    return ExitDecision(scores: scores, above: margin)
  }
}
