import Foundation

/// A router while it is trained: its forward pass, its loss and the loss's gradient.
///
/// score = sigmoid(up · SiLU(down · x)); the loss is the weighted mean of the cross-entropy in nats.
/// Works on at most `capacity` rows at a time; not thread-safe.
package final class RouterNetwork {
  package let width: Int
  package let bottleneck: Int
  /// Down's numbers, then up's: [bottleneck, width], [bottleneck].
  package var parameters: [Float]
  /// The gradient of the last `gradient` call, laid out as the parameters.
  package private(set) var gradients: [Float]

  private let capacity: Int
  private let inner: DeviceBuffer
  private let active: DeviceBuffer
  private let slope: DeviceBuffer

  package init(width: Int, bottleneck: Int, capacity: Int, parameters: [Float]) {
    precondition(parameters.count == bottleneck * (width + 1), "down and up")
    self.width = width
    self.bottleneck = bottleneck
    self.capacity = capacity
    self.parameters = parameters
    gradients = [Float](repeating: 0, count: parameters.count)
    inner = DeviceBuffer(byteCount: capacity * bottleneck * 4)
    active = DeviceBuffer(byteCount: capacity * bottleneck * 4)
    slope = DeviceBuffer(byteCount: capacity * bottleneck * 4)
  }

  /// Random parameters: numbers of either sign, even in ±1/√inputs (the default of torch's Linear, as
  /// in TIDE).
  static func initial(width: Int, bottleneck: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int, inputs: Int) -> [Float] {
      let bound = 1 / Double(inputs).squareRoot()
      return (0..<count).map { _ in Float((2 * random.unit() - 1) * bound) }
    }
    return numbers(bottleneck * width, inputs: width) + numbers(bottleneck, inputs: bottleneck)
  }

  /// The weighted sum of the loss over rows.
  ///
  /// Shape: x [rows, width], labels and weights [rows].
  package func lossSum(
    _ x: UnsafePointer<Float>, labels: [Bool], weights: [Float]
  ) -> Double {
    forward(x, rows: labels.count, withSlopes: false)
    var sum = 0.0
    for row in labels.indices {
      sum += Double(weights[row]) * Self.loss(output(row), labels[row])
    }
    return sum
  }

  /// The gradient of the weighted mean of the loss, left in `gradients`; returns the weighted sum of the
  /// loss.
  package func gradient(
    _ x: UnsafePointer<Float>, labels: [Bool], weights: [Float]
  ) -> Double {
    let rows = labels.count
    forward(x, rows: rows, withSlopes: true)
    let total = weights.reduce(0, +)
    let (active, slope, bottleneck) = (self.active.floats, self.slope.floats, bottleneck)
    let upStart = bottleneck * width
    var sum = 0.0
    gradients.withUnsafeMutableBufferPointer { gradients in
      parameters.withUnsafeBufferPointer { parameters in
        guard let gradient = gradients.baseAddress, let parameter = parameters.baseAddress else {
          return
        }
        let (upGradient, up) = (gradient + upStart, parameter + upStart)
        for index in 0..<bottleneck { upGradient[index] = 0 }
        for row in 0..<rows {
          let output = output(row)
          sum += Double(weights[row]) * Self.loss(output, labels[row])
          // d loss / d output = sigmoid(output) − label.
          let error =
            (TokenRouter.sigmoid(output) - (labels[row] ? 1 : 0)) * weights[row] / total
          let (activeRow, slopeRow) = (active + row * bottleneck, slope + row * bottleneck)
          for index in 0..<bottleneck {
            upGradient[index] += error * activeRow[index]
            slopeRow[index] *= error * up[index]
          }
        }
        RowProducts.transposedTimes(
          slope, x, rows: bottleneck, columns: width, inner: rows, into: gradient)
      }
    }
    return sum
  }

  private func forward(_ x: UnsafePointer<Float>, rows: Int, withSlopes: Bool) {
    precondition(rows <= capacity, "\(rows) rows of \(capacity)")
    parameters.withUnsafeBufferPointer { parameters in
      guard let down = parameters.baseAddress else { return }
      RowProducts.timesTransposed(
        x, down, rows: rows, columns: bottleneck, inner: width,
        into: self.inner.floats)
    }
    let (inner, active, slope) = (self.inner.floats, self.active.floats, self.slope.floats)
    for index in 0..<rows * bottleneck {
      let value = inner[index]
      let gate = 1 / (1 + exp(-value))
      active[index] = value * gate
      // d SiLU(x) / dx = σ(x)·(1 + x·(1 − σ(x))).
      if withSlopes { slope[index] = gate * (1 + value * (1 - gate)) }
    }
  }

  private func output(_ row: Int) -> Float {
    let unit = active.floats + row * bottleneck
    return parameters.withUnsafeBufferPointer { parameters in
      var sum: Float = 0
      for index in 0..<bottleneck { sum += unit[index] * parameters[bottleneck * width + index] }
      return sum
    }
  }

  /// The cross-entropy of one output, log(1 + e^−x) of the side that was right.
  private static func loss(_ output: Float, _ label: Bool) -> Double {
    let x = Double(label ? -output : output)
    return max(x, 0) + log1p(exp(-abs(x)))
  }
}
