extension DeviceBench {
  /// Products with what comes before and after them: a feed-forward half, whose input is normalized.
  ///
  /// Rows of few and of many together; and the same states afterwards, whether or not the next
  /// product's input was prepared with them.
  func checkProductTerms(width: Int, inner: Int, rows counts: [Int]) throws {
    for activation in [(kind: Activation.silu, isGated: true), (kind: .geluTanh, isGated: false)] {
      let parts = activation.isGated ? 2 : 1
      let up = WeightSource(
        numbers(parts * inner * width), outputs: parts * inner, inputs: width,
        bias: activation.isGated ? nil : numbers(inner))
      let down = WeightSource(
        numbers(width * inner).map { $0 / 64 }, outputs: width, inputs: inner, bias: numbers(width))
      let next = WeightSource(numbers(192 * width), outputs: 192, inputs: width)
      let all = try [up, down, next].map { try pack($0) }
      let (weight, epsilon) = (twins(numbers(width)), Float(1e-5))
      let states = numbers((counts.max() ?? 0) * width)
      var found: [Int: [Float]] = [:]
      for rows in counts {
        let h = twins(Array(states.prefix(rows * width)))
        let (normed, wide) = (empty(rows * width), empty(rows * parts * inner))
        let (hidden, out) = (empty(rows * inner), empty(rows * 192))
        func run(
          _ stream: any ComputeStream, _ own: KeyPath<Twins, any DeviceBuffer>,
          _ weights: [WeightMatrix]
        ) throws {
          let norm = NormWeights(
            kind: .rms, epsilon: epsilon, width: width, weight: weight[keyPath: own])
          let input = ProductInput.states(
            h[keyPath: own], norm, scratch: normed[keyPath: own], isKept: false)
          try stream.multiply(
            input, rows: rows, by: weights[0],
            .activate(
              activation.kind, isGated: activation.isGated, scratch: wide[keyPath: own],
              into: hidden[keyPath: own]))
          try stream.multiply(
            .activations(hidden[keyPath: own]), rows: rows, by: weights[1],
            .add(h[keyPath: own]))
          try stream.multiply(input, rows: rows, by: weights[2], .write(out[keyPath: own]))
        }
        try run(stream, \.device, all.map { $0.device })
        try run(plain, \.plain, all.map { $0.plain })
        try compare(
          "feed-forward half of \(rows) × \(width), \(activation.kind.rawValue)", h, rows * width,
          within: isNarrow ? 1e-2 : 1e-5)
        try compare(
          "a product after it", out, rows * 192, within: isNarrow ? 2e-2 : 1e-5)
        found[rows] = try read(out.device, rows * 192, .float32)
      }
      for range in backend.productRanges {
        let rows = found.keys.filter { range.contains($0) }.sorted()
        guard let most = rows.last, let all = found[most] else { continue }
        for few in rows.dropLast() {
          require(
            "the bits of \(few) rows among \(most), normalized and activated",
            found[few].map { all.starts(with: $0) } ?? false)
        }
      }
    }
  }
}
