import CAISKernels
import COneDNN

/// Matrix products through oneDNN.
///
/// Weights are reordered once into the layout that it prefers.
///
/// The layout is the one that oneDNN picks for `representativeRows` rows. On AVX-512 and AMX it
/// also serves single rows. Each output is one chain of multiply-adds in the order of the inputs.
/// So results are the same bits for any number of threads, and for any number of rows unless oneDNN
/// switches kernels for very small matrices. Threads are OpenMP's: as many as the calling thread
/// was given, and one inside a job of the project's own pool.
package final class OneDNNEngine: MatrixEngine {
  package let type: ComputeType
  fileprivate let handle: OneDNNHandle<dnnl_engine_t>

  /// Enough rows to be bound by arithmetic, so that the layout suits prefill.
  ///
  /// Decoding is bound by memory with any layout.
  private static let representativeRows = 256

  package init(type: ComputeType) throws {
    self.type = type
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "creating the engine")
    handle = try OneDNNHandle(engine, destroy: dnnl_engine_destroy)
    // Plans one product now, so that a processor without the type is reported before any weight is
    // read.
    _ = try productDescription(
      rows: Self.representativeRows, inputs: 64, outputs: 64, weights: nil, bias: false,
      accumulate: false)
  }

  package var name: String {
    guard let version = dnnl_version()?.pointee else { return "oneDNN" }
    return "oneDNN \(version.major).\(version.minor).\(version.patch)"
  }

  package var inputType: ais_dtype { type == .bf16 ? AIS_BF16 : AIS_F32 }

  fileprivate var element: dnnl_data_type_t { type == .bf16 ? dnnl_bf16 : dnnl_f32 }

  package func pack(_ source: WeightSource) throws -> WeightMatrix {
    let unpacked = HostBuffer(byteCount: source.outputs * source.inputs * 4)
    try source.unpack(to: unpacked.floats)
    let (inputs, outputs) = (source.inputs, source.outputs)
    ais_adopt_thread_count()
    let product = try productDescription(
      rows: Self.representativeRows, inputs: inputs, outputs: outputs, weights: nil, bias: false,
      accumulate: false)
    guard let found = dnnl_primitive_desc_query_md(product.raw, dnnl_query_weights_md, 0) else {
      throw EngineError(engine: name, operation: "asking for a layout", reason: "none given")
    }
    var target = found.pointee
    // The product expects [inputs, outputs]; the weights are its transpose, [outputs, inputs]
    // row-major.
    var plain = try denseDescription([inputs, outputs], dnnl_f32, dnnl_ba)
    let packed = HostBuffer(byteCount: dnnl_memory_desc_get_size(&target))
    var description: dnnl_primitive_desc_t?
    try check(
      dnnl_reorder_primitive_desc_create(
        &description, &plain, handle.raw, &target, handle.raw, nil), "planning a reorder")
    let reorder = try primitive(OneDNNHandle(description, destroy: dnnl_primitive_desc_destroy))
    let stream = try makeStream()
    let from = try memory(&plain, unpacked.pointer)
    let to = try memory(&target, packed.pointer)
    try execute(
      reorder, stream, [(DNNL_ARG_SRC, from), (DNNL_ARG_DST, to)], "packing weights")
    return WeightMatrix(
      source, byteCount: packed.byteCount, deviceBias: source.bias.map { HostBuffer($0) },
      layout: OneDNNLayout(packed: packed, description: target))
  }

  /// Uses weights that are already packed in panels of `width` outputs, if oneDNN can read that
  /// layout.
  ///
  /// - Returns: `nil` if oneDNN prefers another layout.
  func adopt(
    _ panels: HostBuffer, of source: WeightSource, bias: HostBuffer?, width: Int
  ) throws -> WeightMatrix? {
    guard width == 64 else { return nil }
    let (outputs, inputs) = (source.outputs, source.inputs)
    var own = try denseDescription(
      [inputs, outputs], element, type == .bf16 ? dnnl_BA16a64b2a : dnnl_BA16a64b)
    let product = try productDescription(
      rows: Self.representativeRows, inputs: inputs, outputs: outputs, weights: nil, bias: false,
      accumulate: false)
    guard let wanted = dnnl_primitive_desc_query_md(product.raw, dnnl_query_weights_md, 0),
      dnnl_memory_desc_equal(&own, wanted) != 0,
      dnnl_memory_desc_get_size(&own) == panels.byteCount
    else { return nil }
    return WeightMatrix(
      source, byteCount: panels.byteCount, deviceBias: bias,
      layout: OneDNNLayout(packed: panels, description: own))
  }

  package func makePlans() -> any MatrixPlans { OneDNNPlans(engine: self) }

  /// The description of the product of `rows` × `inputs` activations and weights in a layout;
  /// without a layout, oneDNN picks one.
  fileprivate func productDescription(
    rows: Int, inputs: Int, outputs: Int, weights: dnnl_memory_desc_t?, bias: Bool,
    accumulate: Bool
  ) throws -> OneDNNHandle<dnnl_primitive_desc_t> {
    var source = try denseDescription([rows, inputs], element, dnnl_ab)
    var weight =
      try weights ?? denseDescription([inputs, outputs], element, dnnl_format_tag_any)
    var output = try denseDescription([rows, outputs], dnnl_f32, dnnl_ab)
    var biasRow = try denseDescription([1, outputs], dnnl_f32, dnnl_ab)
    var operation = dnnl_matmul_desc_t()
    try check(
      bias
        ? dnnl_matmul_desc_init(&operation, &source, &weight, &biasRow, &output)
        : dnnl_matmul_desc_init(&operation, &source, &weight, nil, &output),
      "describing a product")

    var attributesRaw: dnnl_primitive_attr_t?
    try check(dnnl_primitive_attr_create(&attributesRaw), "creating attributes")
    let attributes = try OneDNNHandle(attributesRaw, destroy: dnnl_primitive_attr_destroy)
    // The engine provides scratch memory, so that a product allocates nothing.
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes.raw, dnnl_scratchpad_mode_user),
      "setting the scratchpad")
    if accumulate {
      var postRaw: dnnl_post_ops_t?
      try check(dnnl_post_ops_create(&postRaw), "creating post-operations")
      let post = try OneDNNHandle(postRaw, destroy: dnnl_post_ops_destroy)
      try check(dnnl_post_ops_append_sum(post.raw, 1), "accumulating")
      try check(dnnl_primitive_attr_set_post_ops(attributes.raw, post.raw), "accumulating")
    }
    var description: dnnl_primitive_desc_t?
    let status = dnnl_primitive_desc_create(
      &description, &operation, attributes.raw, handle.raw, nil)
    try check(status, "planning a \(type.rawValue) product on this processor")
    return try OneDNNHandle(description, destroy: dnnl_primitive_desc_destroy)
  }

  fileprivate func primitive(
    _ description: OneDNNHandle<dnnl_primitive_desc_t>
  ) throws -> OneDNNHandle<dnnl_primitive_t> {
    var primitive: dnnl_primitive_t?
    try check(dnnl_primitive_create(&primitive, description.raw), "compiling a kernel")
    return try OneDNNHandle(primitive, destroy: dnnl_primitive_destroy)
  }

  fileprivate func makeStream() throws -> OneDNNHandle<dnnl_stream_t> {
    var stream: dnnl_stream_t?
    try check(
      dnnl_stream_create(&stream, handle.raw, dnnl_stream_default_flags.rawValue),
      "creating a stream")
    return try OneDNNHandle(stream, destroy: dnnl_stream_destroy)
  }

  fileprivate func memory(
    _ description: inout dnnl_memory_desc_t, _ pointer: UnsafeMutableRawPointer?
  ) throws -> OneDNNHandle<dnnl_memory_t> {
    var memory: dnnl_memory_t?
    try check(
      dnnl_memory_create(&memory, &description, handle.raw, pointer), "describing memory")
    return try OneDNNHandle(memory, destroy: dnnl_memory_destroy)
  }
}

/// Packed weights and their layout.
private struct OneDNNLayout: @unchecked Sendable {
  let packed: HostBuffer
  let description: dnnl_memory_desc_t
}

/// The products of one forward pass: a compiled kernel for each (shape, rows) used so far.
private final class OneDNNPlans: MatrixPlans {
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
    try check(status, "multiplying")
  }

  private func prepare(_ key: Key, _ layout: OneDNNLayout) throws -> Product {
    var layout = layout.description
    if products.count >= Self.capacity { products.removeAll(keepingCapacity: true) }
    let description = try engine.productDescription(
      rows: key.rows, inputs: key.inputs, outputs: key.outputs, weights: layout, bias: key.bias,
      accumulate: key.accumulate)
    var source = try denseDescription([key.rows, key.inputs], engine.element, dnnl_ab)
    var output = try denseDescription([key.rows, key.outputs], dnnl_f32, dnnl_ab)
    var bias = try denseDescription([1, key.outputs], dnnl_f32, dnnl_ab)
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

/// Owns one oneDNN object.
private final class OneDNNHandle<Raw>: @unchecked Sendable {
  let raw: Raw
  private let destroy: (Raw) -> dnnl_status_t

  init(_ raw: Raw?, destroy: @escaping (Raw) -> dnnl_status_t) throws {
    guard let raw else {
      throw EngineError(engine: "oneDNN", operation: "creating an object", reason: "none given")
    }
    self.raw = raw
    self.destroy = destroy
  }

  deinit { _ = destroy(raw) }
}

private func denseDescription(
  _ shape: [Int], _ type: dnnl_data_type_t, _ tag: dnnl_format_tag_t
) throws -> dnnl_memory_desc_t {
  var description = dnnl_memory_desc_t()
  let dimensions = shape.map { dnnl_dim_t($0) }
  try check(
    dnnl_memory_desc_init_by_tag(
      &description, Int32(shape.count), dimensions, type, tag), "describing a matrix")
  return description
}

private func execute(
  _ primitive: OneDNNHandle<dnnl_primitive_t>, _ stream: OneDNNHandle<dnnl_stream_t>,
  _ arguments: [(Int32, OneDNNHandle<dnnl_memory_t>)], _ operation: String
) throws {
  let list = arguments.map { dnnl_exec_arg_t(arg: $0.0, memory: $0.1.raw) }
  try check(
    dnnl_primitive_execute(primitive.raw, stream.raw, Int32(list.count), list), operation)
  try check(dnnl_stream_wait(stream.raw), operation)
}

private func check(_ status: dnnl_status_t, _ operation: String) throws {
  guard status != dnnl_success else { return }
  let reason =
    switch status {
    case dnnl_out_of_memory: "out of memory"
    case dnnl_invalid_arguments: "invalid arguments"
    case dnnl_unimplemented: "not supported on this processor"
    default: "status \(status.rawValue)"
    }
  throw EngineError(engine: "oneDNN", operation: operation, reason: reason)
}
