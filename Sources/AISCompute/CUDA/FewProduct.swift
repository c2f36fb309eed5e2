import CAISCUDA

/// A product of up to 32 rows with 16-bit weights, which stream through shared memory.
struct FewProduct {
  /// What becomes of results; the kernels' names end so.
  enum Result: String { case write, add, gate }

  var arguments = ais_few_arguments()
  let result: Result

  /// The most rows.
  static let mostRows = 32
  /// The fewest results of a row: the most of a block.
  private static let fewestResults = 32
  /// With at most this many results, more warps share a block's inputs, so that enough is read at a time.
  private static let fewResults = 4_096
  /// Rows with more inputs are read further ahead.
  private static let manyInputs = 4_096

  /// A product with a matrix, whose input and output are still to be set.
  ///
  /// - Returns: `nil` if the kernels cannot compute it.
  init?(_ matrix: DenseMatrix, rows: Int, _ result: Result, _ type: ComputeType) {
    self.result = result
    arguments.weights = matrix.address
    arguments.rows = Int32(rows)
    arguments.inputs = Int32(matrix.inputs)
    arguments.outputs = Int32(matrix.outputs)
    guard type.hasNarrowActivations, rows <= Self.mostRows, matrix.stride == matrix.inputs,
      results >= Self.fewestResults
    else { return nil }
  }

  /// Results of a row.
  private var results: Int {
    result == .gate ? Int(arguments.outputs) / 2 : Int(arguments.outputs)
  }

  /// Tiles of 8 outputs in a block, warps of a block, and steps whose weights are read ahead.
  ///
  /// The order of sums follows from the number of warps, which therefore depends on the matrix alone. The rest was the
  /// fastest of those tried on an H200.
  private func shape(mostRows: Int) -> (tiles: Int, warps: Int, depth: Int) {
    if result != .gate, results <= Self.fewResults {
      return mostRows > 8
        ? (4, 16, 3) : (2, 16, arguments.inputs > Self.manyInputs ? 6 : 3)
    }
    return result == .gate && mostRows <= 16 && results >= Self.fewResults ? (8, 8, 3) : (4, 8, 6)
  }

  /// Runs it.
  func launch(_ device: CUDADevice) {
    let mostRows = arguments.rows <= 8 ? 8 : arguments.rows <= 16 ? 16 : 32
    let (tiles, warps, depth) = shape(mostRows: mostRows)
    device.launch(
      "ais_few_\(mostRows)_\(tiles)_\(warps)_\(depth)_\(result.rawValue)",
      columns: blocks(results, of: result == .gate ? 4 * tiles : 8 * tiles), threads: 32 * warps,
      shared: depth * tiles * warps * 512, startsEarly: true, arguments)
  }
}
