import AISKit

/// The rate of a large matrix product through the engine that models use.
public enum ProductRate {
  /// The best of several products of [512, 2048] by [2048, 2048], in 10^9 operations a second.
  ///
  /// - Throws: `EngineError` where the engine cannot multiply in that type.
  public static func gigaflops(_ type: ComputeType, threads: Int) throws -> Double {
    let (rows, size) = (512, 2_048)
    Threads.count = threads
    let backend = CPUBackend(type: type)
    var staging = ReusableBuffer()
    let weights = try backend.pack(
      WeightSource(outputs: size, inputs: size) { range, target in
        for index in 0..<range.count * size { target[index] = Float(index % 13) / 13 }
      }, staging: &staging)
    // Zeros in either type; the time does not depend on the numbers.
    let input = DeviceBuffer([Float](repeating: 0, count: rows * size))
    let output = DeviceBuffer([Float](repeating: 0, count: rows * size))
    let stream = backend.makeStream()
    var best = Double.infinity
    for _ in 0..<40 {
      let elapsed = try InterleavedTiming.milliseconds {
        try stream.multiply(input, rows: rows, by: weights, into: output, accumulate: false)
      }
      best = min(best, elapsed)
    }
    return 2 * Double(rows) * Double(size) * Double(size) / best / 1e6
  }
}
