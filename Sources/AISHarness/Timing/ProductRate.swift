import AISKit

/// The rate of large matrix products through the engine that models use.
public final class ProductRate {
  /// The sizes of products.
  private struct Sizes {
    let rows: Int
    let shapes: [(inputs: Int, outputs: Int)]

    /// Two matrices: one that may fit into a cache, and one that does not.
    ///
    /// Which is faster depends on the device; the ceiling is the faster rate.
    static func large(_ device: DeviceName) -> Sizes {
      device == .cpu
        ? Sizes(rows: 512, shapes: [(512, 2_048), (2_048, 2_048)])
        : Sizes(rows: 4_096, shapes: [(2_048, 2_048), (4_096, 4_096)])
    }

    /// One that takes a moment.
    static func small(_ device: DeviceName) -> Sizes {
      device == .cpu
        ? Sizes(rows: 64, shapes: [(512, 1_024)]) : Sizes(rows: 1_024, shapes: [(2_048, 2_048)])
    }
  }

  /// Products of each shape in one measurement.
  private static let repeats = 2

  private struct Product {
    let operations: Double
    let run: () throws -> Void
  }

  private let device: ComputeDevice
  private let threads: Int
  private var products: [ComputeType: [Product]] = [:]

  /// A measurement of a device with this many threads.
  public init(of device: ComputeDevice = .processor, threads: Int) {
    self.device = device
    self.threads = threads
  }

  /// The best of a few products, in 10^9 operations a second.
  ///
  /// For `native`, where a file may store any type, the weights are q8_0 blocks on the processor, and numbers of 16 bits
  /// on a GPU, which multiplies them after unpacking others.
  ///
  /// - Throws: `EngineError` if the engine cannot multiply in that type.
  public func gigaflops(_ type: ComputeType) throws -> Double {
    Threads.count = threads
    let products = try self.products[type] ?? Self.products(type, .large(device.option), device)
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
  static func quick(
    _ type: ComputeType, on device: ComputeDevice, threads: Int
  ) throws -> Double {
    Threads.count = threads
    guard let product = try products(type, .small(device.option), device).first else { return 0 }
    // The first one is slow: memory is touched for the first time.
    try product.run()
    // The best of several: disturbances only make a product slower.
    let times = try (0..<7).map { _ in try InterleavedTiming.milliseconds(of: product.run) }
    return product.operations / (times.min() ?? .infinity) / 1e6
  }

  /// Products of zeros, since the time does not depend on the numbers.
  private static func products(
    _ type: ComputeType, _ sizes: Sizes, _ device: ComputeDevice
  ) throws -> [Product] {
    let (backend, rows) = (try device.makeBackend(type), sizes.rows)
    let stream = backend.makeStream()
    return try sizes.shapes.map { inputs, outputs in
      let operations = 2 * Double(rows) * Double(inputs) * Double(outputs)
      if type == .native, case .processor = device {
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
        // Waits for the product.
        _ = try stream.download(output, byteCount: 4)
      }
    }
  }
}
