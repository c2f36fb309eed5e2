import Foundation

/// How much two points of a picture at distance d belong together: 1 / (1 + a d^(2b)).
///
/// Source: McInnes, Healy and Melville 2018, arXiv 1802.03426, section 3.2 and definition 11.
package struct EmbeddingCurve {
  package let a: Double
  package let b: Double

  /// Fits the curve by least squares to 1 up to a distance, and to e^−(d − distance) beyond it.
  ///
  /// Levenberg's and Marquardt's iteration over 300 distances from 0 to 3.
  package init(minimumDistance: Double) {
    let distances = (0..<300).map { 3 * Double($0) / 299 }
    let targets = distances.map { $0 < minimumDistance ? 1 : exp(minimumDistance - $0) }
    func misfit(_ a: Double, _ b: Double) -> Double {
      zip(distances, targets).reduce(0) { sum, point in
        let residual = Self.value(a, b, point.0) - point.1
        return sum + residual * residual
      }
    }
    var (a, b, damping) = (1.0, 1.0, 1e-3)
    var least = misfit(a, b)
    for _ in 0..<200 {
      // Normal equations of the residuals in (a, b).
      var (aa, ab, bb, ra, rb) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (distance, target) in zip(distances, targets) where distance > 0 {
        let value = Self.value(a, b, distance)
        let power = pow(distance, 2 * b)
        let byA = -value * value * power
        let byB = -value * value * a * power * 2 * log(distance)
        aa += byA * byA
        ab += byA * byB
        bb += byB * byB
        ra += byA * (value - target)
        rb += byB * (value - target)
      }
      let (da, db) = (aa * (1 + damping), bb * (1 + damping))
      let determinant = da * db - ab * ab
      let nextA = a - (db * ra - ab * rb) / determinant
      let nextB = b - (da * rb - ab * ra) / determinant
      let next = nextA > 0 && nextB > 0 ? misfit(nextA, nextB) : .infinity
      if next < least {
        let gain = least - next
        (a, b, least, damping) = (nextA, nextB, next, damping / 10)
        if gain < 1e-15 { break }
      } else {
        damping *= 10
        if damping > 1e12 { break }
      }
    }
    self.a = a
    self.b = b
  }

  private static func value(_ a: Double, _ b: Double, _ distance: Double) -> Double {
    1 / (1 + a * pow(distance, 2 * b))
  }

  /// The step of a point, as a factor of its difference to a point that it belongs to.
  func attraction(squaredDistance: Double) -> Double {
    if squaredDistance == 0 { return 0 }
    let power = pow(squaredDistance, b)
    return -2 * a * b * power / (squaredDistance * (1 + a * power))
  }

  /// The step of a point, as a factor of its difference to a point that it does not belong to.
  ///
  /// The paper's small constant bounds the step of points in the same place.
  func repulsion(squaredDistance: Double) -> Double {
    2 * b / ((0.001 + squaredDistance) * (1 + a * pow(squaredDistance, b)))
  }
}
