import COneDNN

/// Owns one oneDNN object.
final class OneDNNHandle<Raw>: @unchecked Sendable {
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

/// Calls to oneDNN that throw `EngineError` for a failure.
enum OneDNN {
  static func denseDescription(
    _ shape: [Int], _ type: dnnl_data_type_t, _ tag: dnnl_format_tag_t
  ) throws -> dnnl_memory_desc_t {
    var description = dnnl_memory_desc_t()
    let dimensions = shape.map { dnnl_dim_t($0) }
    try check(
      dnnl_memory_desc_init_by_tag(
        &description, Int32(shape.count), dimensions, type, tag), "describing a matrix")
    return description
  }

  static func execute(
    _ primitive: OneDNNHandle<dnnl_primitive_t>, _ stream: OneDNNHandle<dnnl_stream_t>,
    _ arguments: [(Int32, OneDNNHandle<dnnl_memory_t>)], _ operation: String
  ) throws {
    let list = arguments.map { dnnl_exec_arg_t(arg: $0.0, memory: $0.1.raw) }
    try check(
      dnnl_primitive_execute(primitive.raw, stream.raw, Int32(list.count), list), operation)
    try check(dnnl_stream_wait(stream.raw), operation)
  }

  static func check(_ status: dnnl_status_t, _ operation: String) throws {
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
}
