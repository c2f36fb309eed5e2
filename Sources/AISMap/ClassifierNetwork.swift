import Foundation

/// The layout of the parameters of a network with one hidden layer.
package struct ClassifierShape: Sendable, Equatable {
  package let width: Int
  package let hidden: Int
  package let classes: Int

  package init(width: Int, hidden: Int, classes: Int) {
    precondition(width > 0 && hidden > 0 && classes > 0, "inputs, units and classes")
    (self.width, self.hidden, self.classes) = (width, hidden, classes)
  }

  /// The index where down's biases begin.
  ///
  /// Down itself, [hidden, width], comes first.
  package var downOffsets: Int { hidden * width }
  /// The index where up, [classes, hidden], begins.
  package var up: Int { downOffsets + hidden }
  /// The index where up's biases begin.
  package var upOffsets: Int { up + classes * hidden }
  /// The number of parameters.
  package var parameterCount: Int { upOffsets + classes }
}

/// A classifier's network: its forward pass, its loss and the loss's gradient.
///
/// logits = up · SiLU(down · x + b) + c; the loss is the weighted mean of the cross-entropy with each
/// row's target distribution, in nats. Works on at most `capacity` rows at a time.
package struct ClassifierNetwork {
  package let shape: ClassifierShape
  /// Laid out as `ClassifierShape` says.
  package var parameters: [Float]
  /// The gradient of the last `gradient` call, laid out as the parameters.
  package private(set) var gradients: [Float]

  private let capacity: Int
  /// down · x + b; `gradient` replaces it by d loss / d inner.
  ///
  /// Shape: [capacity, hidden].
  private var inner: [Float]
  /// Shape: [capacity, hidden].
  private var active: [Float]
  /// The logits; `gradient` replaces them by d loss / d logits.
  ///
  /// Shape: [capacity, classes].
  private var outputs: [Float]

  package init(_ shape: ClassifierShape, capacity: Int, parameters: [Float]) {
    precondition(parameters.count == shape.parameterCount, "down, b, up, c")
    self.shape = shape
    self.capacity = capacity
    self.parameters = parameters
    gradients = [Float](repeating: 0, count: parameters.count)
    inner = [Float](repeating: 0, count: capacity * shape.hidden)
    active = inner
    outputs = [Float](repeating: 0, count: capacity * shape.classes)
  }

  /// Random parameters, uniform in ±1/√inputs.
  ///
  /// Biases are zero.
  static func initial(_ shape: ClassifierShape, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int, inputs: Int) -> [Float] {
      let bound = 1 / Double(inputs).squareRoot()
      return (0..<count).map { _ in Float((2 * random.unit() - 1) * bound) }
    }
    return numbers(shape.hidden * shape.width, inputs: shape.width)
      + [Float](repeating: 0, count: shape.hidden)
      + numbers(shape.classes * shape.hidden, inputs: shape.hidden)
      + [Float](repeating: 0, count: shape.classes)
  }

  /// The probability of each class.
  ///
  /// Shape: x [rows, width], result [rows, classes].
  package mutating func probabilities(_ x: Span<Float>) -> [Float] {
    let rows = x.count / shape.width
    forward(x, rows: rows)
    var result: [Float] = []
    result.reserveCapacity(rows * shape.classes)
    for row in 0..<rows {
      let normalizer = normalizer(row)
      for place in places(row) { result.append(exp(outputs[place] - normalizer)) }
    }
    return result
  }

  /// The weighted sum of the loss over rows.
  ///
  /// Shape: x [rows, width], targets [rows, classes], weights [rows].
  package mutating func lossSum(_ x: Span<Float>, targets: [Float], weights: [Float]) -> Double {
    forward(x, rows: weights.count)
    return weights.indices.reduce(0) { sum, row in
      sum + Double(weights[row]) * loss(row, targets)
    }
  }

  /// Writes the gradient of the weighted mean of the loss to `gradients`.
  ///
  /// Shape: as `lossSum`.
  ///
  /// - Returns: the weighted sum of the loss.
  package mutating func gradient(_ x: Span<Float>, targets: [Float], weights: [Float]) -> Double {
    let sum = lossSum(x, targets: targets, weights: weights)
    let rows = weights.count
    setErrors(targets, weights)
    // Local references, because a span of a stored array would borrow all of `self`. No numbers are
    // copied.
    let (errors, active, parameters) = (outputs, active, parameters)
    RowProducts.transposedTimes(
      errors.span, active.span, rows: shape.classes, columns: shape.hidden, inner: rows,
      into: &gradients, at: shape.up)
    Self.sumRows(errors, rows, shape.classes, into: &gradients, at: shape.upOffsets)
    Self.propagate(
      errors.span, parameters.span.extracting(shape.up..<shape.upOffsets), shape, rows: rows,
      to: &inner)
    let inner = inner
    RowProducts.transposedTimes(
      inner.span, x, rows: shape.hidden, columns: shape.width, inner: rows, into: &gradients)
    Self.sumRows(inner, rows, shape.hidden, into: &gradients, at: shape.downOffsets)
    return sum
  }

  /// Replaces down · x + b by the loss's derivative with respect to it.
  private static func propagate(
    _ errors: Span<Float>, _ up: Span<Float>, _ shape: ClassifierShape, rows: Int,
    to inner: inout [Float]
  ) {
    var inner = inner.mutableSpan
    for row in 0..<rows {
      for unit in 0..<shape.hidden {
        var error: Float = 0
        for index in 0..<shape.classes {
          error += errors[row * shape.classes + index] * up[index * shape.hidden + unit]
        }
        let place = row * shape.hidden + unit
        inner[place] = error * slope(inner[place])
      }
    }
  }

  /// Replaces the logits by d loss / d logits, (probability − target) · weight / sum of weights.
  private mutating func setErrors(_ targets: [Float], _ weights: [Float]) {
    let total = weights.reduce(0, +)
    for (row, weight) in weights.enumerated() {
      let normalizer = normalizer(row)
      for place in places(row) {
        let probability = exp(outputs[place] - normalizer)
        outputs[place] = (probability - targets[place]) * weight / total
      }
    }
  }

  private mutating func forward(_ x: Span<Float>, rows: Int) {
    precondition(rows <= capacity, "\(rows) rows of \(capacity)")
    let parameters = parameters
    RowProducts.timesTransposed(
      x, parameters.span, rows: rows, columns: shape.hidden, inner: shape.width, into: &inner)
    for index in 0..<rows * shape.hidden {
      inner[index] += parameters[shape.downOffsets + index % shape.hidden]
      active[index] = inner[index] / (1 + exp(-inner[index]))
    }
    let active = active
    RowProducts.timesTransposed(
      active.span, parameters.span.extracting(shape.up..<shape.upOffsets), rows: rows,
      columns: shape.classes, inner: shape.hidden, into: &outputs)
    for index in 0..<rows * shape.classes {
      outputs[index] += parameters[shape.upOffsets + index % shape.classes]
    }
  }

  /// The index range of a row's logits.
  private func places(_ row: Int) -> Range<Int> {
    row * shape.classes..<(row + 1) * shape.classes
  }

  /// log Σ e^logit of a row.
  ///
  /// The largest logit is subtracted first, so that nothing overflows.
  private func normalizer(_ row: Int) -> Float {
    let logits = outputs[places(row)]
    let largest = logits.max() ?? 0
    return largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
  }

  private func loss(_ row: Int, _ targets: [Float]) -> Double {
    let normalizer = normalizer(row)
    return places(row).reduce(0) { sum, place in
      sum - Double(targets[place]) * Double(outputs[place] - normalizer)
    }
  }

  /// d SiLU(x) / dx = σ(x)·(1 + x·(1 − σ(x))).
  private static func slope(_ x: Float) -> Float {
    let gate = 1 / (1 + exp(-x))
    return gate * (1 + x * (1 - gate))
  }

  /// The sum of each column of the first `rows` rows, written from `start` on.
  private static func sumRows(
    _ matrix: [Float], _ rows: Int, _ columns: Int, into sums: inout [Float], at start: Int
  ) {
    for column in 0..<columns {
      var sum: Float = 0
      for row in 0..<rows { sum += matrix[row * columns + column] }
      sums[start + column] = sum
    }
  }
}
