import COneDNN

/// Packed weights and their layout.
struct OneDNNLayout: @unchecked Sendable {
  let packed: HostBuffer
  let description: dnnl_memory_desc_t
}

/// The products of one forward pass: a compiled kernel for each (shape, rows) used so far.
final class OneDNNPlans: MatrixPlans {
  private struct Key: Hashable {
    let rows: Int
    let inputs: Int
    let outputs: Int
    let bias: Bool
    let accumulate: Bool
  }

  private struct Product {
    let primitive: OneDNNHandle<dnnl_primitive_t>
    let source: OneDNNHandle<dnnl_memory_t>
    let weights: OneDNNHandle<dnnl_memory_t>
    let output: OneDNNHandle<dnnl_memory_t>
    let bias: OneDNNHandle<dnnl_memory_t>
    let scratch: OneDNNHandle<dnnl_memory_t>
    let scratchBytes: Int
  }

  /// The most kernels that are kept.
  ///
  /// Prompts have many lengths, so older kernels are dropped. oneDNN has a cache of compiled code
  /// of its own.
  private static let capacity = 512

  private let engine: OneDNNEngine
  private var stream: OneDNNHandle<dnnl_stream_t>?
  private var products: [Key: Product] = [:]
  private var scratch = ReusableBuffer()

  init(engine: OneDNNEngine) { self.engine = engine }

  func multiply(
    _ input: UnsafeMutableRawPointer, rows: Int, by weights: WeightMatrix,
    into output: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    guard rows > 0 else { return }
    let key = Key(
      rows: rows, inputs: weights.inputs, outputs: weights.outputs, bias: weights.bias != nil,
      accumulate: accumulate)
    guard let layout = weights.layout as? OneDNNLayout else { throw EngineError.foreignWeights }
    let product = try products[key] ?? prepare(key, layout)
    let stream = try self.stream ?? engine.makeStream()
    self.stream = stream
    dnnl_memory_set_data_handle(product.source.raw, input)
    dnnl_memory_set_data_handle(product.weights.raw, layout.packed.pointer)
    dnnl_memory_set_data_handle(product.output.raw, output)
    dnnl_memory_set_data_handle(product.bias.raw, weights.hostBias?.pointer)
    dnnl_memory_set_data_handle(
      product.scratch.raw, scratch.holding(byteCount: product.scratchBytes).pointer)
    var arguments = (
      dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: product.source.raw),
      dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: product.weights.raw),
      dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: product.output.raw),
      dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: product.scratch.raw),
      dnnl_exec_arg_t(arg: DNNL_ARG_BIAS, memory: product.bias.raw)
    )
    let count: Int32 = key.bias ? 5 : 4
    let status = withUnsafeBytes(of: &arguments) { bytes in
      dnnl_primitive_execute(
        product.primitive.raw, stream.raw, count,
        bytes.assumingMemoryBound(to: dnnl_exec_arg_t.self).baseAddress)
    }
    try OneDNN.check(status, "multiplying")
  }

  private func prepare(_ key: Key, _ layout: OneDNNLayout) throws -> Product {
    var layout = layout.description
    if products.count >= Self.capacity { products.removeAll(keepingCapacity: true) }
    let description = try engine.productDescription(
      rows: key.rows, inputs: key.inputs, outputs: key.outputs, weights: layout, bias: key.bias,
      accumulate: key.accumulate)
    var source = try OneDNN.denseDescription([key.rows, key.inputs], engine.element, dnnl_ab)
    var output = try OneDNN.denseDescription([key.rows, key.outputs], dnnl_f32, dnnl_ab)
    var bias = try OneDNN.denseDescription([1, key.outputs], dnnl_f32, dnnl_ab)
    guard
      let scratchFound = dnnl_primitive_desc_query_md(
        description.raw, dnnl_query_scratchpad_md, 0)
    else {
      throw EngineError(
        engine: engine.name, operation: "asking for scratch memory", reason: "no answer")
    }
    var scratchpad = scratchFound.pointee
    let product = Product(
      primitive: try engine.primitive(description),
      source: try engine.memory(&source, nil), weights: try engine.memory(&layout, nil),
      output: try engine.memory(&output, nil), bias: try engine.memory(&bias, nil),
      scratch: try engine.memory(&scratchpad, nil),
      scratchBytes: dnnl_memory_desc_get_size(&scratchpad))
    products[key] = product
    return product
  }
}
