import Foundation

/// A router in training: its forward pass, its loss and the loss's gradient.
///
/// score = sigmoid(up · SiLU(down · x)); the loss is the weighted mean of the cross-entropy in nats.
/// Works on at most `capacity` rows at a time.
package struct RouterNetwork {
  package let width: Int
  package let bottleneck: Int
  /// The numbers of down, then those of up: [bottleneck, width], [bottleneck].
  package var parameters: [Float]
  /// The gradient of the last `gradient` call, laid out as the parameters.
  package private(set) var gradients: [Float]

  private let capacity: Int
  /// `inner` is down · x, `active` is SiLU of it, `slope` is the derivative of SiLU there.
  ///
  /// Shape: [capacity, bottleneck] each.
  private var inner: [Float]
  private var active: [Float]
  private var slope: [Float]

  package init(width: Int, bottleneck: Int, capacity: Int, parameters: [Float]) {
    precondition(parameters.count == bottleneck * (width + 1), "down and up")
    self.width = width
    self.bottleneck = bottleneck
    self.capacity = capacity
    self.parameters = parameters
    gradients = [Float](repeating: 0, count: parameters.count)
    inner = [Float](repeating: 0, count: capacity * bottleneck)
    active = inner
    slope = inner
  }

  /// Random parameters, uniform in ±1/√inputs (the default of torch's Linear, as in TIDE).
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
  package mutating func lossSum(
    _ x: Span<Float>, labels: [Bool], weights: [Float]
  ) -> Double {
    forward(x, rows: labels.count, withSlopes: false)
    var sum = 0.0
    for row in labels.indices {
      sum += Double(weights[row]) * Self.loss(output(row), labels[row])
    }
    return sum
  }

  /// Writes the gradient of the weighted mean of the loss to `gradients`.
  ///
  /// Shape: as `lossSum`.
  ///
  /// - Returns: the weighted sum of the loss.
  package mutating func gradient(
    _ x: Span<Float>, labels: [Bool], weights: [Float]
  ) -> Double {
    let rows = labels.count
    forward(x, rows: rows, withSlopes: true)
    // Local references, because a span of a stored array would borrow all of `self`. No numbers are
    // copied.
    let (active, parameters) = (active, parameters)
    let total = weights.reduce(0, +)
    let up = bottleneck * width
    var sum = 0.0
    for index in up..<up + bottleneck { gradients[index] = 0 }
    for row in 0..<rows {
      let output = output(row)
      sum += Double(weights[row]) * Self.loss(output, labels[row])
      // d loss / d output = sigmoid(output) − label.
      let error =
        (TokenRouter.sigmoid(output) - (labels[row] ? 1 : 0)) * weights[row] / total
      let units = row * bottleneck..<(row + 1) * bottleneck
      HostMath.add(active.span.extracting(units), times: error, to: &gradients, at: up)
      HostMath.scale(
        &slope, at: units.lowerBound, by: parameters.span.extracting(up..<up + bottleneck),
        times: error)
    }
    let slope = slope
    RowProducts.transposedTimes(
      slope.span, x, rows: bottleneck, columns: width, inner: rows, into: &gradients)
    return sum
  }

  private mutating func forward(_ x: Span<Float>, rows: Int, withSlopes: Bool) {
    precondition(rows <= capacity, "\(rows) rows of \(capacity)")
    let parameters = parameters
    RowProducts.timesTransposed(
      x, parameters.span, rows: rows, columns: bottleneck, inner: width, into: &inner)
    Self.activate(inner, count: rows * bottleneck, withSlopes, into: &active, &slope)
  }

  private static func activate(
    _ inner: [Float], count: Int, _ withSlopes: Bool, into active: inout [Float],
    _ slope: inout [Float]
  ) {
    var active = active.mutableSpan
    var slope = slope.mutableSpan
    for index in 0..<count {
      let value = inner[index]
      let gate = 1 / (1 + exp(-value))
      active[index] = value * gate
      // d SiLU(x) / dx = σ(x)·(1 + x·(1 − σ(x))).
      if withSlopes { slope[index] = gate * (1 + value * (1 - gate)) }
    }
  }

  private func output(_ row: Int) -> Float {
    let (first, up) = (row * bottleneck, bottleneck * width)
    return HostMath.dot(
      active.span.extracting(first..<first + bottleneck),
      parameters.span.extracting(up..<up + bottleneck))
  }

  /// The cross-entropy of one output: log(1 + e^−x), with x = output for a positive label, else
  /// −output.
  private static func loss(_ output: Float, _ label: Bool) -> Double {
    let x = Double(label ? -output : output)
    return max(x, 0) + log1p(exp(-abs(x)))
  }
}
