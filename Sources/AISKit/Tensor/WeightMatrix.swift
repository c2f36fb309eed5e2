/// A weight matrix packed once into the layout that its engine multiplies from.
///
/// Shape: `outputs` × `inputs`; y = x·Wᵀ + bias. Several projections that read the same input are
/// packed as one matrix, their outputs one after the other. The packed form is the only copy: the
/// checkpoint's pages are released after packing.
package final class WeightMatrix: Sendable {
  package let outputs: Int
  package let inputs: Int
  /// Bytes of weights that a product reads.
  package let byteCount: Int
  package let bias: DeviceBuffer?
  /// The packed numbers, as the engine that packed them knows them.
  let layout: any Sendable

  init(
    outputs: Int, inputs: Int, byteCount: Int, bias: DeviceBuffer?, layout: any Sendable
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.byteCount = byteCount
    self.bias = bias
    self.layout = layout
  }
}

extension WeightMatrix {
  /// The matrix as the engine multiplies by it, whatever its layout: the product of the identity.
  ///
  /// Shape: [outputs, inputs].
  ///
  /// - Throws: `EngineError`.
  func numbers(_ backend: any Backend) throws -> [Float] {
    let stream = backend.makeStream()
    let identity = DeviceBuffer([Float](repeating: 0, count: inputs * inputs))
    for place in 0..<inputs { identity.floats[place * inputs + place] = 1 }
    let converted = DeviceBuffer(byteCount: inputs * inputs * backend.inputBytes)
    let image = DeviceBuffer(byteCount: inputs * outputs * 4)
    stream.convert(identity, count: inputs * inputs, into: converted)
    try stream.multiply(converted, rows: inputs, by: self, into: image, accumulate: false)
    stream.synchronize()
    return (0..<outputs).flatMap { output in
      (0..<inputs).map { image.floats[$0 * outputs + output] - (bias?.floats[output] ?? 0) }
    }
  }
}

/// The float32 source of a weight matrix: fills rows of the unpacked [outputs, inputs] matrix.
package struct WeightSource: Sendable {
  package let outputs: Int
  package let inputs: Int
  package let bias: [Float]?
  /// The rows as a checkpoint stores them, from top to bottom; empty where they are no file's.
  let stored: [WeightRows]
  /// Writes rows `range` to the pointer, row after row.
  package let fill: @Sendable (Range<Int>, UnsafeMutablePointer<Float>) throws -> Void
  /// Called once the rows have been packed.
  package let release: @Sendable () -> Void

  package init(
    outputs: Int, inputs: Int, bias: [Float]? = nil,
    fill: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Float>) throws -> Void,
    release: @escaping @Sendable () -> Void = {}
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.bias = bias
    stored = []
    self.fill = fill
    self.release = release
  }

  /// A matrix of these numbers, [outputs, inputs].
  package init(_ values: [Float], outputs: Int, inputs: Int, bias: [Float]? = nil) {
    precondition(values.count == outputs * inputs, "the shape fits the numbers")
    self.init(outputs: outputs, inputs: inputs, bias: bias) { rows, target in
      values.withUnsafeBufferPointer { all in
        let part = UnsafeBufferPointer(
          rebasing: all[rows.lowerBound * inputs..<rows.upperBound * inputs])
        if let base = part.baseAddress { target.update(from: base, count: part.count) }
      }
    }
  }
}
