import CAISCUDA

/// A product of up to 32 rows with 16-bit weights, which stream through shared memory.
struct FewProduct {
  /// What becomes of results; the kernels' names end so.
  enum Result: String { case write, add, gate }

  var arguments = ais_few_arguments()
  let result: Result

  /// The most rows.
  static let mostRows = 32
  /// A row needs as many results as the largest block computes.
  private static let fewestResults = 64
  /// With at most this many results and more than this many inputs, more warps share a block's inputs.
  private static let (fewResults, manyInputs) = (4_096, 4_096)

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

  /// Warps of a block.
  ///
  /// The order of sums follows from their number, which therefore depends on the matrix alone.
  private var warps: Int {
    result != .gate && results <= Self.fewResults && arguments.inputs > Self.manyInputs ? 16 : 8
  }

  /// Tiles of 8 outputs in a block, for which there are kernels; those that were fastest on an H200.
  private func tiles(mostRows: Int) -> [Int] {
    switch (mostRows, warps, result) {
    case (_, _, .gate): [4, 8]
    case (8, _, _): [2, 3, 4]
    case (_, 16, _): [3, 4]
    case (16, _, _): [4]
    default: [4, 8]
    }
  }

  /// Bytes of shared memory: `bytes_ahead` of the kernels, which is whole steps of every kernel.
  private static let sharedBytes = 96 << 10

  /// Runs it.
  ///
  /// The fewest tiles are chosen with which there is at most a block for each multiprocessor, or else the most.
  func launch(_ device: CUDADevice) {
    let mostRows = arguments.rows <= 8 ? 8 : arguments.rows <= 16 ? 16 : 32
    let choices = tiles(mostRows: mostRows).map { tiles in
      (tiles: tiles, blocks: blocks(results, of: result == .gate ? 4 * tiles : 8 * tiles))
    }
    guard
      let choice = choices.first(where: { $0.blocks <= device.gpu.multiprocessors }) ?? choices.last
    else { return }
    device.launch(
      "ais_few_\(mostRows)_\(choice.tiles)_\(warps)_\(result.rawValue)", columns: choice.blocks,
      threads: 32 * warps, shared: Self.sharedBytes,
      startsEarly: true, arguments)
  }
}
