/// Rows of a weight matrix as a checkpoint stores it, for packing.
struct WeightRows: Sendable {
  let tensor: TensorView
  /// Outputs: rows of the matrix, in the stored order.
  let outputs: Range<Int>
  /// Width of a row.
  let inputs: Int
  /// The tensor is stored [inputs, outputs].
  let storesInputsFirst: Bool

  /// Some outputs of a matrix, or all of them.
  init(_ tensor: TensorView, _ outputs: Range<Int>? = nil, storesInputsFirst: Bool = false) {
    self.tensor = tensor
    self.storesInputsFirst = storesInputsFirst
    inputs = storesInputsFirst ? tensor.rowCount : tensor.rowElements
    self.outputs = outputs ?? 0..<(storesInputsFirst ? tensor.rowElements : tensor.rowCount)
  }

  /// Some of these rows, counted from the first.
  subscript(_ range: Range<Int>) -> WeightRows {
    WeightRows(
      tensor, outputs.lowerBound + range.lowerBound..<outputs.lowerBound + range.upperBound,
      storesInputsFirst: storesInputsFirst)
  }

  /// Writes some of these rows, counted from the first, as float32, row after row.
  func fill(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
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

extension WeightSource {
  /// Stacks rows of equal width, the first on top.
  init(stacking parts: [WeightRows], bias: [Float]? = nil) {
    precondition(!parts.isEmpty && parts.allSatisfy { $0.inputs == parts[0].inputs })
    outputs = parts.reduce(0) { $0 + $1.outputs.count }
    inputs = parts[0].inputs
    self.bias = bias
    stored = parts
    fill = { range, pointer in
      var first = 0
      var target = pointer
      for part in parts {
        let rows = range.clamped(to: first..<first + part.outputs.count)
        if !rows.isEmpty {
          part.fill(rows.lowerBound - first..<rows.upperBound - first, into: target)
          target += rows.count * part.inputs
        }
        first += part.outputs.count
      }
    }
    release = { for part in parts { part.tensor.releasePages() } }
  }
}
