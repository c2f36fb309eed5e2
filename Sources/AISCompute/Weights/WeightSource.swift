/// A weight matrix before packing: gives float32 rows of the [outputs, inputs] matrix.
package struct WeightSource: Sendable {
  package let outputs: Int
  package let inputs: Int
  package let bias: [Float]?
  /// The rows as a checkpoint stores them, in order; empty if they don't come from a file.
  package let stored: [WeightRows]
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

extension WeightSource {
  /// A matrix of stacked rows of equal width, the first part on top.
  package init(stacking parts: [WeightRows], bias: [Float]? = nil) {
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

extension WeightRows {
  /// Some of the rows as float32, computed by all threads.
  ///
  /// Shape: [rows asked, inputs].
  package func numbers(of rows: [Int]) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows.count * inputs) { target, count in
      if let base = target.baseAddress {
        let floats = UncheckedPointer(base)
        Threads.ranges(rows.count, grain: 64) { range in
          for place in range {
            fill(rows[place]..<rows[place] + 1, into: floats.pointer + place * inputs)
          }
        }
      }
      count = rows.count * inputs
    }
  }
}
