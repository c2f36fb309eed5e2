/// Rows of a weight matrix as a checkpoint stores it, for packing.
package struct WeightRows: Sendable {
  /// The stored matrix.
  package let tensor: TensorView
  /// Outputs: rows of the matrix, in the stored order.
  package let outputs: Range<Int>
  /// Width of a row.
  package let inputs: Int
  /// The tensor is stored [inputs, outputs].
  package let storesInputsFirst: Bool

  /// Some outputs of a matrix, or all of them.
  package init(_ tensor: TensorView, _ outputs: Range<Int>? = nil, storesInputsFirst: Bool = false)
  {
    self.tensor = tensor
    self.storesInputsFirst = storesInputsFirst
    inputs = storesInputsFirst ? tensor.rowCount : tensor.rowElements
    self.outputs = outputs ?? 0..<(storesInputsFirst ? tensor.rowElements : tensor.rowCount)
  }

  /// Some of these rows, counted from the first.
  package subscript(_ range: Range<Int>) -> WeightRows {
    WeightRows(
      tensor, outputs.lowerBound + range.lowerBound..<outputs.lowerBound + range.upperBound,
      storesInputsFirst: storesInputsFirst)
  }

  /// Writes some of these rows, counted from the first, as float32, row after row.
  package func fill(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    let rows = outputs.lowerBound + range.lowerBound..<outputs.lowerBound + range.upperBound
    guard storesInputsFirst else { return tensor.dequantizeRows(rows, into: target) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tensor.rowElements) { stored in
      guard let base = stored.baseAddress else { return }
      for input in 0..<inputs {
        tensor.dequantizeRows(input..<input + 1, into: base)
        for (place, output) in rows.enumerated() {
          target[place * inputs + input] = base[output]
        }
      }
    }
  }
}
