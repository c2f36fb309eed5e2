/// Only the matrix products of a forward pass.
///
/// Their time is a lower bound for the pass.
///
/// Every block's products use the block's own weights, so that memory and caches are used as in a
/// pass. The results have no meaning. The LM head is not included, because it computes one row or
/// none.
package final class BareProducts {
  private struct Product {
    let weights: WeightMatrix
    let rows: Int
  }

  private let products: [Product]
  private let stream: any ComputeStream
  private let input: any DeviceBuffer
  private let output: any DeviceBuffer
  /// Multiplications and additions, counted separately.
  package let floatingPointOperations: Double

  /// The products of a model's blocks.
  package convenience init(_ model: DecoderModel, rows: Int) {
    self.init(Self.products(of: model, rows: rows), model.backend)
  }

  /// Products of the same shapes by oneDNN, with weights of zero.
  ///
  /// The weights' values don't affect the time.
  ///
  /// - Throws: `EngineError` if oneDNN does not multiply in the type here.
  package convenience init(oneDNNLike model: DecoderModel, rows: Int, type: ComputeType) throws {
    let backend = CPUBackend(engine: try OneDNNEngine(type: type))
    let products = try Self.products(of: model, rows: rows).map { product in
      let inputs = product.weights.inputs
      let source = WeightSource(outputs: product.weights.outputs, inputs: inputs) { range, target in
        for index in 0..<range.count * inputs { target[index] = Float(index % 13) / 13 }
      }
      return Product(weights: try backend.pack(source), rows: product.rows)
    }
    self.init(products, backend)
  }

  private init(_ products: [Product], _ backend: any Backend) {
    self.products = products
    stream = backend.makeStream()
    let largestInput = products.map { $0.weights.inputs * $0.rows }.max() ?? 0
    let largestOutput = products.map { $0.weights.outputs * $0.rows }.max() ?? 0
    // These bytes are zeros in any type.
    input = backend.makeBuffer([Float](repeating: 0, count: largestInput))
    output = backend.makeBuffer([Float](repeating: 0, count: largestOutput))
    floatingPointOperations = products.reduce(0) {
      $0 + 2 * Double($1.rows) * Double($1.weights.outputs) * Double($1.weights.inputs)
    }
  }

  private static func products(of model: DecoderModel, rows: Int) -> [Product] {
    model.blockWeights.flatMap { weights in
      var products = [
        Product(weights: weights.qkv, rows: rows),
        Product(weights: weights.attentionOutput, rows: rows),
      ]
      switch weights.feedForward {
      case .dense(let network):
        products += [network.input, network.down].map { Product(weights: $0, rows: rows) }
      case .mixture(let router, let experts):
        // Each expert gets the average number of rows.
        let share = max(1, rows * (model.config.experts?.perToken ?? 1) / experts.count)
        products.append(Product(weights: router, rows: rows))
        products += experts.flatMap { [$0.input, $0.down] }
          .map { Product(weights: $0, rows: share) }
      }
      return products
    }
  }

  /// Runs all products once, and waits for them.
  ///
  /// - Throws: `EngineError`.
  package func run() throws {
    for product in products {
      try stream.multiply(
        input, rows: product.rows, by: product.weights, into: output, accumulate: false)
    }
    _ = try stream.download(output, byteCount: 4)
  }
}
