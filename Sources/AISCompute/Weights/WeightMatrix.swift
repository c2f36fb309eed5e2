/// A weight matrix, packed into its engine's layout.
///
/// y = x·Wᵀ + bias, with W of shape [outputs, inputs]. Projections that read the same input are
/// packed as one matrix, their outputs one after the other. The packed form is the only copy in
/// memory: the checkpoint's pages are released after packing.
package final class WeightMatrix: Sendable {
  package let outputs: Int
  package let inputs: Int
  /// Bytes of weights that a product reads.
  package let byteCount: Int
  /// Shape: [outputs].
  package let bias: [Float]?
  /// The bias on the device; `nil` without bias.
  package let deviceBias: (any DeviceBuffer)?
  /// The packed numbers, in a type of the engine that packed them.
  package let layout: any Sendable

  package init(
    _ source: WeightSource, byteCount: Int, deviceBias: (any DeviceBuffer)?, layout: any Sendable
  ) {
    outputs = source.outputs
    inputs = source.inputs
    bias = source.bias
    self.byteCount = byteCount
    self.deviceBias = deviceBias
    self.layout = layout
  }
}

extension WeightMatrix {
  /// The matrix's numbers as products read them, computed as the product with the identity matrix.
  ///
  /// Shape: [outputs, inputs].
  ///
  /// - Throws: `EngineError`.
  package func numbers(_ backend: any Backend) throws -> [Float] {
    let stream = backend.makeStream()
    var identity = [Float](repeating: 0, count: inputs * inputs)
    for place in 0..<inputs { identity[place * inputs + place] = 1 }
    let converted = backend.makeBuffer(byteCount: inputs * inputs * backend.activationBytes)
    let image = backend.makeBuffer(byteCount: inputs * outputs * 4)
    stream.convert(backend.makeBuffer(identity), count: inputs * inputs, into: converted)
    try stream.multiply(converted, rows: inputs, by: self, into: image, accumulate: false)
    let product = try stream.download(image, byteCount: inputs * outputs * 4)
    return product.withFloats { numbers in
      (0..<outputs).flatMap { output in
        (0..<inputs).map { numbers[$0 * outputs + output] - (bias?[output] ?? 0) }
      }
    }
  }
}
