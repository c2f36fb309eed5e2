import AISKit
import CAISKernels

/// The rate of a large matrix product through the engine that models use.
public enum ProductRate {
  private static let (rows, size) = (512, 2_048)

  /// The best of several products of [512, 2048] by [2048, 2048], in 10^9 operations a second.
  ///
  /// What a file stores can be anything: for `native` weights are q8_0 blocks.
  ///
  /// - Throws: `EngineError` where the engine cannot multiply in that type.
  public static func gigaflops(_ type: ComputeType, threads: Int) throws -> Double {
    Threads.count = threads
    // Zeros in any type; the time does not depend on the numbers.
    let input = DeviceBuffer([Float](repeating: 0, count: rows * size))
    let output = DeviceBuffer([Float](repeating: 0, count: rows * size))
    if type == .native { return best { multiplyStored(input, output) } }
    let backend = CPUBackend(type: type)
    let weights = try backend.pack(
      WeightSource(outputs: size, inputs: size) { range, target in
        for index in 0..<range.count * size { target[index] = Float(index % 13) / 13 }
      })
    let stream = backend.makeStream()
    return try best {
      try stream.multiply(input, rows: rows, by: weights, into: output, accumulate: false)
    }
  }

  private static let storedWeights = DeviceBuffer(
    [Float](repeating: 0, count: size * size / 32 * 34 / 4))
  private static let rounded = DeviceBuffer(byteCount: ais_byte_rows_size(rows, size))

  private static func multiplyStored(_ input: DeviceBuffer, _ output: DeviceBuffer) {
    let scratch = DeviceBuffer(byteCount: ais_blocks_scratch(size))
    let x = ais_round_rows(input.floats, rows, size, rounded.pointer)
    let segment = ais_block_segment(
      type: AIS_BLOCKS_Q8_0, outputs: size, blocks: storedWeights.pointer,
      width: ais_stored_width())
    ais_blocks_product([segment], 1, x, nil, output.floats, 0, scratch.pointer)
  }

  private static func best(_ product: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<40 { best = min(best, try InterleavedTiming.milliseconds(of: product)) }
    return 2 * Double(rows) * Double(size) * Double(size) / best / 1e6
  }
}
