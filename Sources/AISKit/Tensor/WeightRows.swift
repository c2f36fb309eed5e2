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
