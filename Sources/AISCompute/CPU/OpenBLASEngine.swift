import CAISKernels
import COpenBLAS

/// float32 products through OpenBLAS, used if oneDNN is not available.
///
/// Weights stay row-major [outputs, inputs].
package final class OpenBLASEngine: MatrixEngine {
  package let type = ComputeType.f32
  package let inputType = AIS_F32

  package init() {}

  package var name: String {
    let configuration = openblas_get_config().map { String(cString: $0) } ?? "OpenBLAS"
    return configuration.split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// The library chooses the order of sums by the number of rows.
  package var productRanges: [ClosedRange<Int>] { [1...1] }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    try WeightMatrix(rowMajor: source)
  }

  package func makePlans() -> any MatrixPlans { OpenBLASPlans() }
}

private final class OpenBLASPlans: MatrixPlans {
  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    let (outputs, inputs) = (weights.outputs, weights.inputs)
    guard let w = weights.rowMajor?.floats else { throw EngineError.foreignWeights }
    let keep = weights.addBias(rows: rows, to: output, accumulate: accumulate)
    OpenBLASCall.run {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1,
        input.assumingMemoryBound(to: Float.self), Int32(inputs), w,
        Int32(inputs), keep ? 1 : 0, output, Int32(outputs))
    }
  }
}

extension WeightMatrix {
  /// A matrix kept row-major: [outputs, inputs] float32.
  convenience init(rowMajor source: WeightSource) throws {
    let packed = HostBuffer(byteCount: source.outputs * source.inputs * 4)
    try source.unpack(to: packed.floats)
    self.init(
      source, byteCount: packed.byteCount, deviceBias: source.bias.map { HostBuffer($0) },
      layout: packed)
  }

  /// The row-major matrix; `nil` if it has another layout.
  var rowMajor: HostBuffer? { layout as? HostBuffer }

  /// Writes the bias, if there is one, to the output.
  ///
  /// Returns whether the product must be added to the output.
  func addBias(rows: Int, to output: UnsafeMutablePointer<Float>, accumulate: Bool) -> Bool {
    guard let bias = hostBias?.floats else { return accumulate }
    for row in 0..<rows {
      let target = output + row * outputs
      for i in 0..<outputs { target[i] = accumulate ? target[i] + bias[i] : bias[i] }
    }
    return true
  }
}
