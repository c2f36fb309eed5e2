import CAISKernels

/// Measures the ways to multiply bfloat16 numbers, in turns.
enum BFloat16Rates {
  /// Shapes of a small model's products: [outputs, inputs].
  private static let shapes = [(1536, 576), (576, 1536), (960, 576)]
  /// Copies of each matrix, so that a single row reads memory and not a cache.
  private static let copies = 24
  private static let rounds = 5

  /// One way's weights, and what multiplies rows by them.
  private struct Contestant {
    let way: BFloat16Tuning.Way
    let multiply: (_ rows: Int) throws -> Void
  }

  /// Median rates of every way that the processor has.
  ///
  /// - Throws: `EngineError` if oneDNN fails.
  static func measure() throws -> [BFloat16Tuning.Rate] {
    let most = BFloat16Tuning.rows.max() ?? 1
    let widest = shapes.map { max($0.0, $0.1) }.max() ?? 1
    // Whole numbers, since subnormal sums may take a processor longer.
    let input = HostBuffer(byteCount: most * widest * 4)
    input.floats.initialize(repeating: 1, count: most * widest)
    let halves = HostBuffer(byteCount: most * widest * 2)
    ais_to_bf16_f32(
      input.floats, halves.pointer.assumingMemoryBound(to: UInt16.self), most * widest)
    let output = HostBuffer(byteCount: most * widest * 4)
    var contestants = [
      try own(.f32, .f32, input, AIS_F32, output),
      try own(.widened, .bf16, input, AIS_BF16_WIDE, output),
    ]
    if ais_has_bf16_dot() {
      contestants.append(try own(.dot, .bf16, halves, AIS_BF16, output))
    }
    if ais_has_matrix_tiles(), let engine = try? OneDNNEngine(type: .bf16) {
      contestants.append(try tiles(engine, halves, output))
    }
    return try BFloat16Tuning.rows.flatMap { rows in
      var seconds = [[Double]](repeating: [], count: contestants.count)
      for round in 0...rounds {
        for (place, contestant) in contestants.enumerated() {
          let begin = ContinuousClock.now
          try contestant.multiply(rows)
          // The first round only warms up.
          if round > 0 { seconds[place].append((ContinuousClock.now - begin) / .seconds(1)) }
        }
      }
      let operations = shapes.reduce(0) { $0 + 2 * $1.0 * $1.1 } * copies * rows
      return zip(contestants, seconds).map { contestant, seconds -> BFloat16Tuning.Rate in
        let median = seconds.sorted()[seconds.count / 2]
        return BFloat16Tuning.Rate(
          contestant.way, rows: rows, gigaflops: Double(operations) / median / 1e9)
      }
    }
  }

  private static var sources: [WeightSource] {
    shapes.flatMap { outputs, inputs in
      (0..<copies).map { _ in
        WeightSource(outputs: outputs, inputs: inputs) { rows, target in
          for index in 0..<rows.count * inputs { target[index] = Float(index % 7) - 3 }
        }
      }
    }
  }

  private static func own(
    _ way: BFloat16Tuning.Way, _ type: ComputeType, _ input: HostBuffer, _ inputType: ais_dtype,
    _ output: HostBuffer
  ) throws -> Contestant {
    let matrices = try sources.map { source in
      (source.outputs, source.inputs, try PanelEngine.panels(of: source, type))
    }
    return Contestant(way: way) { rows in
      for (outputs, inputs, (packed, width)) in matrices {
        var panels = ais_panels(
          outputs: outputs, inputs: inputs, width: width, type: type.panelType,
          data: packed.pointer, bias: nil)
        ais_product(&panels, input.pointer, inputType, rows, output.floats, 0)
      }
    }
  }

  private static func tiles(
    _ engine: OneDNNEngine, _ input: HostBuffer, _ output: HostBuffer
  ) throws -> Contestant {
    let weights = try sources.map { try engine.pack($0) }
    let plans = engine.makePlans()
    return Contestant(way: .tiles) { rows in
      for matrix in weights {
        try plans.multiply(
          input.pointer, rows: rows, by: matrix, into: output.floats, accumulate: false)
      }
    }
  }
}

extension BFloat16Tuning {
  /// Measures the ways that this processor has; takes seconds.
  ///
  /// - Throws: `EngineError` if oneDNN fails.
  public static func measure() throws -> BFloat16Tuning {
    try BFloat16Tuning(BFloat16Rates.measure())
  }
}
