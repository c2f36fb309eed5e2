import Foundation

/// Exit by a layer's own readout: a row exits if its most probable token leads the second by enough.
///
/// Every computed row is read out at every layer that it may exit after, so each costs a head. Source: the
/// softmax response of CALM (Schuster et al., 2022).
public struct MarginExit: ExitRule {
  private let margin: Float
  private let layers: Set<Int>?

  /// Rows exit after some layers (`nil`: any) if the probability leads by more than `margin`, 0 to 1.
  public init(above margin: Float, after layers: Set<Int>? = nil) {
    (self.margin, self.layers) = (margin, layers)
  }

  /// After the layers that were given.
  public func mayExit(after layer: Int) -> Bool { layers?.contains(layer) ?? true }

  /// Rows with a large margin exit.
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
