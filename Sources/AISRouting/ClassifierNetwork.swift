import Foundation

/// The numbers of a network with one hidden layer, and where each part of them lies.
package struct ClassifierShape: Sendable, Equatable {
  package let width: Int
  package let hidden: Int
  package let classes: Int

  package init(width: Int, hidden: Int, classes: Int) {
    precondition(width > 0 && hidden > 0 && classes > 0, "inputs, units and classes")
    (self.width, self.hidden, self.classes) = (width, hidden, classes)
  }

  /// Where down's offsets begin; down itself, [hidden, width], comes first.
  package var downOffsets: Int { hidden * width }
  /// Where up begins: [classes, hidden].
  package var up: Int { downOffsets + hidden }
  /// Where up's offsets begin.
  package var upOffsets: Int { up + classes * hidden }
  /// Numbers in all.
  package var parameterCount: Int { upOffsets + classes }
}

/// A classifier's network: its forward pass, its loss and the loss's gradient.
///
/// logits = up · SiLU(down · x + b) + c; the loss is the weighted mean of the cross-entropy with each
/// row's target distribution, in nats. Works on at most `capacity` rows at a time; not thread-safe.
package final class ClassifierNetwork {
  package let shape: ClassifierShape
  /// Laid out as `ClassifierShape` says.
  package var parameters: [Float]
  /// The gradient of the last `gradient` call, laid out as the parameters.
  package private(set) var gradients: [Float]

  private let capacity: Int
  private let inner: DeviceBuffer
  private let active: DeviceBuffer
  private let outputs: DeviceBuffer

  package init(_ shape: ClassifierShape, capacity: Int, parameters: [Float]) {
    precondition(parameters.count == shape.parameterCount, "down, b, up, c")
    self.shape = shape
    self.capacity = capacity
    self.parameters = parameters
    gradients = [Float](repeating: 0, count: parameters.count)
    inner = DeviceBuffer(byteCount: capacity * shape.hidden * 4)
    active = DeviceBuffer(byteCount: capacity * shape.hidden * 4)
    outputs = DeviceBuffer(byteCount: capacity * shape.classes * 4)
  }

  /// Random parameters, even in ±1/√inputs; offsets are zero.
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
  package func probabilities(_ x: UnsafePointer<Float>, rows: Int) -> [Float] {
    forward(x, rows: rows)
    return (0..<rows).flatMap { row -> [Float] in
      let normalizer = normalizer(row)
      return (0..<shape.classes).map { exp(logit(row, $0) - normalizer) }
    }
  }

  /// The weighted sum of the loss over rows.
  ///
  /// Shape: x [rows, width], targets [rows, classes], weights [rows].
  package func lossSum(
    _ x: UnsafePointer<Float>, targets: ArraySlice<Float>, weights: ArraySlice<Float>
  ) -> Double {
    forward(x, rows: weights.count)
    return weights.indices.enumerated().reduce(0) { sum, place in
      sum + Double(weights[place.element]) * loss(place.offset, targets)
    }
  }

  /// The gradient of the weighted mean of the loss, left in `gradients`; returns the weighted sum of
  /// the loss.
  ///
  /// Shape: as `lossSum`.
  package func gradient(
    _ x: UnsafePointer<Float>, targets: ArraySlice<Float>, weights: ArraySlice<Float>
  ) -> Double {
    let sum = lossSum(x, targets: targets, weights: weights)
    let rows = weights.count
    setErrors(targets, weights)
    let (shape, errors, active, inner) = (shape, outputs.floats, active.floats, inner.floats)
    gradients.withUnsafeMutableBufferPointer { gradients in
      parameters.withUnsafeBufferPointer { parameters in
        guard let gradient = gradients.baseAddress, let parameter = parameters.baseAddress else {
          return
        }
        RowProducts.transposedTimes(
          errors, active, rows: shape.classes, columns: shape.hidden, inner: rows,
          into: gradient + shape.up)
        Self.sumRows(errors, rows, shape.classes, into: gradient + shape.upOffsets)
        let up = parameter + shape.up
        for row in 0..<rows {
          for unit in 0..<shape.hidden {
            var error: Float = 0
            for index in 0..<shape.classes {
              error += errors[row * shape.classes + index] * up[index * shape.hidden + unit]
            }
            let place = row * shape.hidden + unit
            inner[place] = error * Self.slope(inner[place])
          }
        }
        RowProducts.transposedTimes(
          inner, x, rows: shape.hidden, columns: shape.width, inner: rows, into: gradient)
        Self.sumRows(inner, rows, shape.hidden, into: gradient + shape.downOffsets)
      }
    }
    return sum
  }

  /// Puts d loss / d logits, (probability − target) · weight / all weights, in the logits' place.
  private func setErrors(_ targets: ArraySlice<Float>, _ weights: ArraySlice<Float>) {
    let total = weights.reduce(0, +)
    for (row, weight) in weights.enumerated() {
      let normalizer = normalizer(row)
      for index in 0..<shape.classes {
        let place = row * shape.classes + index
        let probability = exp(outputs.floats[place] - normalizer)
        outputs.floats[place] =
          (probability - targets[targets.startIndex + place]) * weight / total
      }
    }
  }

  private func forward(_ x: UnsafePointer<Float>, rows: Int) {
    precondition(rows <= capacity, "\(rows) rows of \(capacity)")
    let (shape, inner, active, outputs) = (shape, inner.floats, active.floats, outputs.floats)
    parameters.withUnsafeBufferPointer { parameters in
      guard let parameter = parameters.baseAddress else { return }
      RowProducts.timesTransposed(
        x, parameter, rows: rows, columns: shape.hidden, inner: shape.width, into: inner)
      for index in 0..<rows * shape.hidden {
        inner[index] += parameter[shape.downOffsets + index % shape.hidden]
        active[index] = inner[index] / (1 + exp(-inner[index]))
      }
      RowProducts.timesTransposed(
        active, parameter + shape.up, rows: rows, columns: shape.classes, inner: shape.hidden,
        into: outputs)
      for index in 0..<rows * shape.classes {
        outputs[index] += parameter[shape.upOffsets + index % shape.classes]
      }
    }
  }

  private func logit(_ row: Int, _ index: Int) -> Float {
    outputs.floats[row * shape.classes + index]
  }

  /// log Σ e^logit, the largest taken out so that nothing overflows.
  private func normalizer(_ row: Int) -> Float {
    let logits = (0..<shape.classes).map { logit(row, $0) }
    let largest = logits.max() ?? 0
    return largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
  }

  private func loss(_ row: Int, _ targets: ArraySlice<Float>) -> Double {
    let normalizer = normalizer(row)
    return (0..<shape.classes).reduce(0) { sum, index in
      let target = targets[targets.startIndex + row * shape.classes + index]
      return sum - Double(target) * Double(logit(row, index) - normalizer)
    }
  }

  /// d SiLU(x) / dx = σ(x)·(1 + x·(1 − σ(x))).
  private static func slope(_ x: Float) -> Float {
    let gate = 1 / (1 + exp(-x))
    return gate * (1 + x * (1 - gate))
  }

  private static func sumRows(
    _ matrix: UnsafePointer<Float>, _ rows: Int, _ columns: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<columns {
      var sum: Float = 0
      for row in 0..<rows { sum += matrix[row * columns + column] }
      sums[column] = sum
    }
  }
}
