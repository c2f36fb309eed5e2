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
  let handle: OneDNNHandle<dnnl_engine_t>

  /// Enough rows to be bound by arithmetic, so that the layout suits prefill.
  ///
  /// Decoding is bound by memory with any layout.
  private static let representativeRows = 256

  package init(type: ComputeType) throws {
    self.type = type
    var engine: dnnl_engine_t?
    try OneDNN.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "creating the engine")
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

  var element: dnnl_data_type_t { type == .bf16 ? dnnl_bf16 : dnnl_f32 }

  /// The library chooses the order of sums by the number of rows.
  package var productRanges: [ClosedRange<Int>] { [1...1] }

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
    var plain = try OneDNN.denseDescription([inputs, outputs], dnnl_f32, dnnl_ba)
    let packed = HostBuffer(byteCount: dnnl_memory_desc_get_size(&target))
    var description: dnnl_primitive_desc_t?
    try OneDNN.check(
      dnnl_reorder_primitive_desc_create(
        &description, &plain, handle.raw, &target, handle.raw, nil), "planning a reorder")
    let reorder = try primitive(OneDNNHandle(description, destroy: dnnl_primitive_desc_destroy))
    let stream = try makeStream()
    let from = try memory(&plain, unpacked.pointer)
    let to = try memory(&target, packed.pointer)
    try OneDNN.execute(
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
    var own = try OneDNN.denseDescription(
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
  func productDescription(
    rows: Int, inputs: Int, outputs: Int, weights: dnnl_memory_desc_t?, bias: Bool,
    accumulate: Bool
  ) throws -> OneDNNHandle<dnnl_primitive_desc_t> {
    var source = try OneDNN.denseDescription([rows, inputs], element, dnnl_ab)
    var weight =
      try weights ?? OneDNN.denseDescription([inputs, outputs], element, dnnl_format_tag_any)
    var output = try OneDNN.denseDescription([rows, outputs], dnnl_f32, dnnl_ab)
    var biasRow = try OneDNN.denseDescription([1, outputs], dnnl_f32, dnnl_ab)
    var operation = dnnl_matmul_desc_t()
    try OneDNN.check(
      bias
        ? dnnl_matmul_desc_init(&operation, &source, &weight, &biasRow, &output)
        : dnnl_matmul_desc_init(&operation, &source, &weight, nil, &output),
      "describing a product")

    var attributesRaw: dnnl_primitive_attr_t?
    try OneDNN.check(dnnl_primitive_attr_create(&attributesRaw), "creating attributes")
    let attributes = try OneDNNHandle(attributesRaw, destroy: dnnl_primitive_attr_destroy)
    // The engine provides scratch memory, so that a product allocates nothing.
    try OneDNN.check(
      dnnl_primitive_attr_set_scratchpad_mode(attributes.raw, dnnl_scratchpad_mode_user),
      "setting the scratchpad")
    if accumulate {
      var postRaw: dnnl_post_ops_t?
      try OneDNN.check(dnnl_post_ops_create(&postRaw), "creating post-operations")
      let post = try OneDNNHandle(postRaw, destroy: dnnl_post_ops_destroy)
      try OneDNN.check(dnnl_post_ops_append_sum(post.raw, 1), "accumulating")
      try OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes.raw, post.raw), "accumulating")
    }
    var description: dnnl_primitive_desc_t?
    let status = dnnl_primitive_desc_create(
      &description, &operation, attributes.raw, handle.raw, nil)
    try OneDNN.check(status, "planning a \(type.rawValue) product on this processor")
    return try OneDNNHandle(description, destroy: dnnl_primitive_desc_destroy)
  }

  func primitive(
    _ description: OneDNNHandle<dnnl_primitive_desc_t>
  ) throws -> OneDNNHandle<dnnl_primitive_t> {
    var primitive: dnnl_primitive_t?
    try OneDNN.check(dnnl_primitive_create(&primitive, description.raw), "compiling a kernel")
    return try OneDNNHandle(primitive, destroy: dnnl_primitive_destroy)
  }

  func makeStream() throws -> OneDNNHandle<dnnl_stream_t> {
    var stream: dnnl_stream_t?
    try OneDNN.check(
      dnnl_stream_create(&stream, handle.raw, dnnl_stream_default_flags.rawValue),
      "creating a stream")
    return try OneDNNHandle(stream, destroy: dnnl_stream_destroy)
  }

  func memory(
    _ description: inout dnnl_memory_desc_t, _ pointer: UnsafeMutableRawPointer?
  ) throws -> OneDNNHandle<dnnl_memory_t> {
    var memory: dnnl_memory_t?
    try OneDNN.check(
      dnnl_memory_create(&memory, &description, handle.raw, pointer), "describing memory")
    return try OneDNNHandle(memory, destroy: dnnl_memory_destroy)
  }
}
