import CAISCUDA

/// An operation that waits for the next one, with which it may be computed together.
enum HeldOperation {
  /// A product of few rows that is added to states. Its kernel can also prepare the next product's
  /// input.
  case sum(FewProduct, states: ais_cuda_address)
  /// Rotates queries and keys, and stores keys and values. The attention's kernel can do it too.
  case rotation(ais_attention_arguments, rows: Int)

  /// Blocks of 128 threads that a multiprocessor runs at the same time.
  private static let mostBlocks = 16

  /// Runs it alone.
  func launch(_ device: CUDADevice) {
    switch self {
    case .sum(let product, _): product.launch(device)
    case .rotation(let arguments, let rows):
      device.noteRowsChange()
      let queries = arguments.rotates != 0 ? 0 : arguments.query_heads
      let groups = blocks(Int(queries + 2 * arguments.kv_heads), of: 4)
      // With many rows a block goes through more groups: fewer blocks have to begin.
      let most = max(1, Self.mostBlocks * device.gpu.multiprocessors / max(rows, 1))
      device.launch(
        "ais_rotate_store", columns: min(groups, most), rows: rows, threads: 128,
        startsEarly: true, arguments)
    }
  }
}
