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

/// A product of up to 16 rows, whose weights stream through a ring in shared memory.
struct FewProduct {
  var arguments = ais_few_arguments()

  /// The most rows.
  static let mostRows = 16
  /// Inputs of a tile, and its bytes.
  private static let tileInputs = 256
  private static let tileBytes = 4_096
  /// Threads of a block: 8 warps that compute and one that copies.
  private static let threads = 288
  /// With fewer blocks than this, blocks have fewer outputs.
  private static let fewBlocks = 64
  /// Runs it.
  ///
  /// Tiles depend on the matrix alone, and so do a row's bits.
  func launch(_ device: CUDADevice) {
    let (outputs, inputs) = (Int(arguments.outputs), Int(arguments.inputs))
    // Measured on an H200: large blocks, and a ring of 64 KB, read memory best.
    let tiles = blocks(outputs, of: 32) < Self.fewBlocks ? 2 : 4
    let units = blocks(outputs, of: 8 * tiles)
    let stages = min(max(2, 16 / tiles), blocks(inputs, of: Self.tileInputs))
    var arguments = arguments
    arguments.stages = Int32(stages)
    let barriers = blocks(16 * stages, of: 128) * 128
    device.launch(
      "ais_product_\(arguments.rows > 8 ? 16 : 8)x\(tiles)",
      columns: units, threads: Self.threads,
      shared: barriers + stages * tiles * Self.tileBytes, startsEarly: true, arguments)
  }
}
