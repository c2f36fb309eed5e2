import Foundation

/// The Adam optimizer with decoupled weight decay (AdamW).
///
/// Source: Kingma and Ba 2015 (arXiv 1412.6980); Loshchilov and Hutter 2019 (arXiv 1711.05101).
package struct Adam {
  private let rate: Float
  private let decay: Float
  private var first: [Float]
  private var second: [Float]
  private var steps = 0

  private static let firstDecay: Float = 0.9
  private static let secondDecay: Float = 0.999
  private static let epsilon: Float = 1e-8

  package init(count: Int, rate: Double, decay: Double) {
    self.rate = Float(rate)
    self.decay = Float(decay)
    first = [Float](repeating: 0, count: count)
    second = first
  }

  /// Checks the settings of a training.
  ///
  /// - Parameters:
  ///   - counts: settings that must be at least 1, by name.
  ///   - rate: the learning rate.
  ///   - decay: the weight decay; rate · decay must not change a weight's sign in one step.
  /// - Throws: `RequestError`.
  package static func validate(
    _ counts: KeyValuePairs<String, Int>, rate: Double, decay: Double
  ) throws(RequestError) {
    for (name, value) in counts where value < 1 {
      throw RequestError(name, expected: "at least 1", found: "\(value)")
    }
    guard rate > 0, rate.isFinite else {
      throw RequestError("learning rate", expected: "above 0", found: "\(rate)")
    }
    guard decay >= 0, decay * rate < 1 else {
      throw RequestError("weight decay", expected: "0 to \(1 / rate)", found: "\(decay)")
    }
  }

  /// Updates the parameters by one step against the gradient.
  package mutating func step(_ parameters: inout [Float], _ gradients: [Float]) {
    precondition(parameters.count == first.count && gradients.count == first.count)
    steps += 1
    let (b1, b2, epsilon) = (Self.firstDecay, Self.secondDecay, Self.epsilon)
    let size = rate / (1 - pow(b1, Float(steps)))
    let scale = 1 / (1 - pow(b2, Float(steps)))
    let keep = 1 - rate * decay
    parameters.withUnsafeMutableBufferPointer { parameters in
      first.withUnsafeMutableBufferPointer { first in
        second.withUnsafeMutableBufferPointer { second in
          gradients.withUnsafeBufferPointer { gradients in
            for index in parameters.indices {
              let gradient = gradients[index]
              let m = b1 * first[index] + (1 - b1) * gradient
              let v = b2 * second[index] + (1 - b2) * gradient * gradient
              first[index] = m
              second[index] = v
              parameters[index] =
                keep * parameters[index] - size * m / ((scale * v).squareRoot() + epsilon)
            }
          }
        }
      }
    }
  }
}
