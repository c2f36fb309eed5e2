import CAISKernels
import Foundation

extension TokenRouter {
  /// Rows that are scored together: their hidden layer stays in the processor's cache.
  private static let packedRows = 512

  /// The scores of hidden states behind the model's final norm, in float32 whatever the model computes
  /// in.
  ///
  /// Shape: normed [rows, width].
  package func scores(ofNormed normed: UnsafePointer<Float>, rows: Int) -> [Float] {
    var scores: [Float] = []
    scores.reserveCapacity(rows)
    let inner = DeviceBuffer(byteCount: min(rows, Self.packedRows) * bottleneck * 4)
    for first in stride(from: 0, to: rows, by: Self.packedRows) {
      let count = min(Self.packedRows, rows - first)
      RowProducts.timesTransposed(
        normed + first * width, down, rows: count, columns: bottleneck, inner: width,
        into: inner.floats)
      ais_activate_f32(
        AIS_SILU, 0, inner.floats, inner.pointer, AIS_F32, count, bottleneck)
      for row in 0..<count {
        let unit = inner.floats + row * bottleneck
        var sum: Float = 0
        for index in 0..<bottleneck { sum += unit[index] * up[index] }
        scores.append(Self.sigmoid(sum))
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
