import AISKit

/// The rate of large matrix products through the engine that models use.
public final class ProductRate {
  private static let rows = 512
  /// Inputs and outputs of two matrices: one that may fit into a cache, and one that does not.
  ///
  /// Which is faster depends on the processor; the ceiling is the faster rate.
  private static let shapes = [(512, 2_048), (2_048, 2_048)]
  /// Products of each shape in one measurement.
  private static let repeats = 2

  private struct Product {
    let operations: Double
    let run: () throws -> Void
  }

  private let threads: Int
  private var products: [ComputeType: [Product]] = [:]

  /// A measurement with this many threads.
  public init(threads: Int) { self.threads = threads }

  /// The best of a few products, in 10^9 operations a second.
  ///
  /// For `native`, where a file may store any type, the weights are q8_0 blocks.
  ///
  /// - Throws: `EngineError` if the engine cannot multiply in that type.
  public func gigaflops(_ type: ComputeType) throws -> Double {
    Threads.count = threads
    let products = try self.products[type] ?? Self.products(type)
    self.products[type] = products
    var best = 0.0
    for product in products {
      for _ in 0..<Self.repeats {
        let milliseconds = try InterleavedTiming.milliseconds(of: product.run)
        best = max(best, product.operations / milliseconds / 1e6)
      }
    }
    return best
  }

  /// The rate of a short product, in 10^9 operations a second: enough for an estimate.
  ///
  /// - Throws: as `gigaflops`.
  static func quick(_ type: ComputeType, threads: Int) throws -> Double {
    Threads.count = threads
    guard let product = try products(type, rows: 64, shapes: [(512, 1_024)]).first else { return 0 }
    // The first one is slow: memory is touched for the first time.
    try product.run()
    // The best of several: disturbances only make a product slower.
    let times = try (0..<7).map { _ in try InterleavedTiming.milliseconds(of: product.run) }
    return product.operations / (times.min() ?? .infinity) / 1e6
  }

  /// Products of zeros, since the time does not depend on the numbers.
  private static func products(
    _ type: ComputeType, rows: Int = rows, shapes: [(Int, Int)] = shapes
  ) throws -> [Product] {
    let backend = CPUBackend(type: type)
    let stream = backend.makeStream()
    return try shapes.map { inputs, outputs in
      let operations = 2 * Double(rows) * Double(inputs) * Double(outputs)
      if type == .native {
        let product = StoredProduct(rows: rows, inputs: inputs, outputs: outputs)
        return Product(operations: operations, run: product.run)
      }
      let input = backend.makeBuffer([Float](repeating: 0, count: rows * inputs))
      let output = backend.makeBuffer([Float](repeating: 0, count: rows * outputs))
      let weights = try backend.pack(
        WeightSource(outputs: outputs, inputs: inputs) { range, target in
          for index in 0..<range.count * inputs { target[index] = Float(index % 13) / 13 }
        })
      return Product(operations: operations) {
        try stream.multiply(input, rows: rows, by: weights, into: output, accumulate: false)
      }
    }
  }
}
