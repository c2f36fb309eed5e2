/// What a product reads.
package enum ProductInput {
  /// Activations in the compute type.
  ///
  /// Shape: [rows, inputs].
  case activations(any DeviceBuffer)
  /// Float32 states, which are first normalized (`nil`: only converted) to the compute type.
  ///
  /// A device may use `scratch` for what the product reads. If `isKept`, the activations are there
  /// afterwards.
  ///
  /// Shape: [rows, inputs] both.
  case states(any DeviceBuffer, NormWeights?, scratch: any DeviceBuffer, isKept: Bool)
}

/// What becomes of a product of `outputs` numbers in each row.
package enum ProductOutput {
  /// It replaces a buffer's numbers.
  ///
  /// Shape: [rows, outputs] float32.
  case write(any DeviceBuffer)
  /// It is added to a buffer; with `ActiveRows`, only in rows that have not exited.
  ///
  /// Shape: [rows, outputs] float32.
  case add(any DeviceBuffer, ActiveRows? = nil)
  /// A non-linearity is applied: f(v), or f(gate)·up with the gates before the others.
  ///
  /// A device may use `scratch`, float32 [rows, outputs], for the product.
  ///
  /// Shape: `into` [rows, outputs, or half of them with gates] in the compute type.
  case activate(Activation, isGated: Bool, scratch: any DeviceBuffer, into: any DeviceBuffer)
}

/// The rows of a table that have not exited.
package struct ActiveRows {
  package let table: any RowTable
  /// A device may use it for a product.
  ///
  /// Shape: [rows, outputs] float32.
  package let scratch: any DeviceBuffer

  package init(_ table: any RowTable, scratch: any DeviceBuffer) {
    (self.table, self.scratch) = (table, scratch)
  }
}

extension ComputeStream {
  /// A product with what comes before and after it, by single operations.
  package func multiply(
    _ input: ProductInput, rows: Int, by weights: WeightMatrix, _ output: ProductOutput
  ) throws {
    let x = activations(input, rows: rows, width: weights.inputs)
    switch output {
    case .write(let out): try multiply(x, rows: rows, by: weights, into: out, accumulate: false)
    case .add(let out, nil): try multiply(x, rows: rows, by: weights, into: out, accumulate: true)
    case .add(let out, let active?):
      try multiply(x, rows: rows, by: weights, into: active.scratch, accumulate: false)
      add(active.scratch, to: out, width: weights.outputs, activeRowsOf: active.table)
    case .activate(let activation, let isGated, let wide, let out):
      try multiply(x, rows: rows, by: weights, into: wide, accumulate: false)
      activate(
        wide, rows: rows, width: isGated ? weights.outputs / 2 : weights.outputs, activation,
        isGated: isGated, into: out)
    }
  }

  /// The activations that a product reads, computed if they are states.
  package func activations(
    _ input: ProductInput, rows: Int, width: Int
  ) -> any DeviceBuffer {
    switch input {
    case .activations(let x): return x
    case .states(let states, let norm, let scratch, _):
      if let norm {
        normalize(states, rows: rows, by: norm, into: scratch, as: .compute)
      } else {
        convert(states, count: rows * width, into: scratch)
      }
      return scratch
    }
  }
}
