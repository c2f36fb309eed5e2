/// A device's operations, compared with the reference loops.
package enum DeviceChecks {
  /// Compares all operations but embeddings, which need a checkpoint, in several shapes.
  ///
  /// - Parameters:
  ///   - backend: the device.
  ///   - reference: computes the expected numbers, in float32.
  ///   - hasLargeMatrices: also computes with matrices that fill a GPU, which takes seconds.
  /// - Returns: a check for each operation and shape.
  /// - Throws: an error of the device.
  package static func run(
    _ backend: any Backend, against reference: any Backend = CPUBackend.reference,
    hasLargeMatrices: Bool = false
  ) throws -> [DeviceCheck] {
    let bench = DeviceBench(backend, reference)
    try bench.checkElements()
    try bench.checkRows()
    try bench.checkProducts()
    try bench.checkProductTerms(width: 576, inner: 1_536, rows: [1, 2, 8, 9, 16, 17, 40])
    try bench.checkRepeats(outputs: hasLargeMatrices ? 65_536 : 1_024)
    if hasLargeMatrices {
      for outputs in [1_536, 2_304, 3_208] { try bench.checkProducts(4_352, outputs) }
      try bench.checkProductTerms(width: 3_208, inner: 4_352, rows: [1, 8, 16, 32])
    }
    try bench.checkBlocks()
    try bench.checkAttention()
    return bench.checks
  }
}

extension DeviceBench {
  /// Norms, activations and what works on single numbers.
  func checkElements() throws {
    let rows = 3
    for width in [576, 45] {
      let count = rows * width
      for kind in [NormKind.rms, .layer] {
        let (x, weight, bias) = (
          twins(numbers(count)), twins(numbers(width)), twins(numbers(width))
        )
        func norm(_ part: (Twins) -> any DeviceBuffer) -> NormWeights {
          NormWeights(
            kind: kind, epsilon: 1e-5, width: width, weight: part(weight),
            bias: kind == .layer ? part(bias) : nil)
        }
        for type in [OutputType.compute, .float32] {
          let out = empty(count)
          stream.normalize(x.device, rows: rows, by: norm(\.device), into: out.device, as: type)
          plain.normalize(x.plain, rows: rows, by: norm(\.plain), into: out.plain, as: type)
          try compare(
            "\(kind.rawValue) of \(width), \(type)", out, count, type,
            within: type == .float32 ? 2e-6 : outputTolerance)
        }
      }
      for activation in [Activation.silu, .gelu, .geluTanh, .geluQuick, .relu] {
        for isGated in [false, true] {
          let (x, out) = (twins(numbers(count * 2).map { $0 * 4 }), empty(count))
          stream.activate(
            x.device, rows: rows, width: width, activation, isGated: isGated, into: out.device)
          plain.activate(
            x.plain, rows: rows, width: width, activation, isGated: isGated, into: out.plain)
          try compare(
            "\(activation.rawValue)\(isGated ? ", gated" : "") of \(width)", out, count, .compute,
            within: outputTolerance)
        }
      }
    }
    try checkInPlace()
  }

  private func checkInPlace() throws {
    let count = 1_000
    func check(
      _ name: String, _ run: (any ComputeStream, any DeviceBuffer, any DeviceBuffer) -> Void
    ) throws {
      let (x, y) = (twins(numbers(count)), twins(numbers(count)))
      run(stream, x.device, y.device)
      run(plain, x.plain, y.plain)
      try compare(name, x, count, within: 2e-6)
    }
    try check("addition") { $0.add($2, to: $1, count: count) }
    try check("clearing") { stream, x, _ in stream.clear(x, count: count - 7) }
    try check("soft cap") { stream, x, _ in stream.softCap(x, cap: 0.5, count: count) }
    try check("blend") { $0.blend($1, with: $2, alpha: 0.7, count: count) }
    var values = numbers(4 * 300)
    values[3 * 300 + 5] = .infinity
    values[17] = 3
    values[211] = 3
    let (x, out) = (twins(values), empty(4))
    stream.argmax(x.device, rows: 4, width: 300, into: out.device)
    plain.argmax(x.plain, rows: 4, width: 300, into: out.plain)
    try compareIntegers("largest of a row: the first of equals, none if infinite", out, 4)
  }

  /// Moves of rows and the row table.
  func checkRows() throws {
    let pairs: [Int32] = [4, 0, 1, 3, 6, 1]
    let maps = twins(pairs)
    func map(_ part: any DeviceBuffer) -> RowMap { RowMap(count: 3, pairs: part) }
    for width in [8, 5] {
      let (x, out, sum) = (twins(numbers(7 * width)), empty(7 * width), twins(numbers(7 * width)))
      let scales = twins(numbers(3))
      for (own, stream, place) in [
        (\Twins.device, stream, map(maps.device)), (\Twins.plain, plain, map(maps.plain)),
      ] {
        stream.clear(out[keyPath: own], count: 7 * width)
        stream.move(x[keyPath: own], by: place, rowBytes: width * 4, into: out[keyPath: own])
        stream.add(
          x[keyPath: own], by: place, scales: scales[keyPath: own], width: width,
          to: sum[keyPath: own])
      }
      try compare("moving rows of \(width)", out, 7 * width, within: 0)
      try compare("adding scaled rows of \(width)", sum, 7 * width, within: 2e-6)
    }
    let numbers = twins([Int32](repeating: 9, count: 8))
    stream.fill(numbers.device, by: map(maps.device), with: 5)
    plain.fill(numbers.plain, by: map(maps.plain), with: 5)
    try compareIntegers("filling by a map", numbers, 8)
  }

  /// Products of few and of many rows, and what they don't depend on.
  func checkProducts() throws {
    for (inputs, outputs) in [(576, 192), (1_536, 130), (45, 37), (72, 3_000), (64, 5_000)] {
      try checkProducts(inputs, outputs)
    }
  }

  func checkProducts(_ inputs: Int, _ outputs: Int) throws {
    let numbers = self.numbers(outputs * inputs)
    let bias = self.numbers(outputs)
    try checkProducts(
      by: WeightSource(numbers, outputs: outputs, inputs: inputs, bias: bias),
      "\(inputs) → \(outputs)", within: 1e-5, ranges: backend.productRanges)
  }

  /// Products with a matrix, and the bits of rows of some ranges.
  func checkProducts(
    by source: WeightSource, _ name: String, within tolerance: Double, ranges: [ClosedRange<Int>]
  ) throws {
    let (inputs, outputs) = (source.inputs, source.outputs)
    let (weights, plainWeights) = try pack(source)
    for rows in [1, 3, 8, 12, 32, 33, 100] {
      let x = activations(numbers(rows * inputs))
      let out = twins(numbers(rows * outputs))
      for accumulates in [false, true] {
        try stream.multiply(
          x.device, rows: rows, by: weights, into: out.device, accumulate: accumulates)
        try plain.multiply(
          x.plain, rows: rows, by: plainWeights, into: out.plain, accumulate: accumulates)
      }
      try compare("product \(rows) × \(name)", out, rows * outputs, within: tolerance)
    }
    for range in ranges {
      let few = range.lowerBound
      let counts = [6, 14, 40].map { min(range.upperBound, few + $0) }
      let values = numbers((few + 40) * inputs)
      func product(_ rows: Int) throws -> [Float] {
        let x = activations(Array(values.prefix(rows * inputs)))
        let out = backend.makeBuffer(byteCount: rows * outputs * 4)
        try stream.multiply(x.device, rows: rows, by: weights, into: out, accumulate: false)
        return try stream.download(out, byteCount: few * outputs * 4).floats
      }
      let own = try product(few)
      for many in Set(counts).sorted() where many > few {
        require("the bits of \(few) rows among \(many), \(name)", try product(many) == own)
      }
    }
  }

  /// Products with a large matrix, again and again: many blocks of threads then follow each other, and one that read
  /// what another still writes would give other bits.
  func checkRepeats(outputs: Int) throws {
    let inputs = 2_048
    let some = numbers(inputs * 61)
    var values: [Float] = []
    values.reserveCapacity(outputs * inputs)
    while values.count < outputs * inputs {
      values.append(contentsOf: some.prefix(outputs * inputs - values.count))
    }
    let weights = try backend.pack(WeightSource(values, outputs: outputs, inputs: inputs))
    let x = activations(numbers(8 * inputs))
    let out = backend.makeBuffer(byteCount: 8 * outputs * 4)
    func product(_ rows: Int) throws -> [Float] {
      stream.clear(out, count: 8 * outputs)
      try stream.multiply(x.device, rows: rows, by: weights, into: out, accumulate: false)
      return try stream.download(out, byteCount: rows * outputs * 4).floats
    }
    let first = try product(8)
    let isSame = try (0..<20).allSatisfy { _ in try product(8) == first }
    require("8 × \(inputs) → \(outputs), twenty times", isSame)
    // Every row of weights comes again after 61.
    let hasPeriod = (0..<outputs - 61).allSatisfy { first[$0] == first[$0 + 61] }
    require("equal outputs of equal weights, \(outputs)", hasPeriod)
  }
}
