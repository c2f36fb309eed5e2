import CAISCUDA

/// An operation that waits for the next one, with which it may be computed together.
enum HeldOperation {
  /// A product of few rows that is added to states. Its kernel can also prepare the next product's
  /// input.
  case sum(FewProduct, states: ais_cuda_address)
  /// Rotates queries and keys, and stores keys and values. The attention's kernel can do it too.
  case rotation(ais_attention_arguments, rows: Int)

  /// Runs it alone.
  func launch(_ device: CUDADevice) {
    switch self {
    case .sum(let product, _): product.launch(device)
    case .rotation(let arguments, let rows):
      device.noteRowsChange()
      let heads = Int(arguments.query_heads + 2 * arguments.kv_heads)
      device.launch(
        "ais_rotate_store", columns: blocks(heads, of: 4), rows: rows, threads: 128,
        startsEarly: true, arguments)
    }
  }
}
