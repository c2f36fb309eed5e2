import CAISKernels

/// Matrix products as three plain loops, accumulated in float64.
///
/// The other engines are tested against it.
///
/// For tests and small models.
package final class ReferenceEngine: MatrixEngine {
  package let type = ComputeType.f32
  package let inputType = AIS_F32
  package let name = "reference loops"

  package init() {}

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    try WeightMatrix(rowMajor: source)
  }

  package func makePlans() -> any MatrixPlans { ReferencePlans() }
}

private final class ReferencePlans: MatrixPlans {
  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    let x = input.assumingMemoryBound(to: Float.self)
    guard let w = weights.rowMajor?.floats else { throw EngineError.foreignWeights }
    let inputs = weights.inputs
    let keep = weights.addBias(rows: rows, to: output, accumulate: accumulate)
    for row in 0..<rows {
      for column in 0..<weights.outputs {
        var sum = 0.0
        for i in 0..<inputs { sum += Double(x[row * inputs + i]) * Double(w[column * inputs + i]) }
        let index = row * weights.outputs + column
        output[index] = (keep ? output[index] : 0) + Float(sum)
      }
    }
  }
}
