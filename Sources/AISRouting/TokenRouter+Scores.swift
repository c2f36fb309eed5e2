import Foundation

extension TokenRouter {
  /// Rows that are scored together: few enough that their hidden layer fits into the processor's
  /// cache.
  private static let packedRows = 512

  /// The scores of hidden states after the model's final norm, computed in float32 with any compute
  /// type of the model.
  ///
  /// Shape: normed [rows, width].
  package func scores(ofNormed normed: Span<Float>) -> [Float] {
    precondition(normed.count.isMultiple(of: width), "whole rows")
    let rows = normed.count / width
    var scores: [Float] = []
    scores.reserveCapacity(rows)
    var inner = [Float](repeating: 0, count: min(rows, Self.packedRows) * bottleneck)
    for first in stride(from: 0, to: rows, by: Self.packedRows) {
      let count = min(Self.packedRows, rows - first)
      RowProducts.timesTransposed(
        normed.extracting(first * width..<(first + count) * width), down.span, rows: count,
        columns: bottleneck, inner: width, into: &inner)
      HostMath.silu(&inner, rows: count, width: bottleneck)
      for row in 0..<count {
        let unit = inner.span.extracting(row * bottleneck..<(row + 1) * bottleneck)
        scores.append(Self.sigmoid(HostMath.dot(unit, up.span)))
      }
    }
    return scores
  }

  /// 1 / (1 + e^−x), without overflow.
  static func sigmoid(_ x: Float) -> Float {
    let small = exp(-abs(x))
    return x >= 0 ? 1 / (1 + small) : small / (1 + small)
  }
}
