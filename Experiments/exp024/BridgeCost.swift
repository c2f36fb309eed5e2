import AISKit

/// The cost of a bridge relative to a block, in operations: the search's budget is work, not
/// layers.
///
/// It is counted, not timed, so that the same options always choose the same layers. The results
/// also have its time, beside hard skip's.
struct BridgeCost {
  private static let tokens = 256

  /// A map's operations over a block's, in prefill of one prompt.
  let blocks: Double

  init(_ model: DecoderModel) {
    let config = model.config
    let rows = min(Self.tokens, config.contextLength)
    func operations(_ activeRows: [Int]?) -> Double {
      // Every row gets logits, so that all blocks do the same work.
      ModelWork(
        config: config, rows: rows, logitRows: rows, activeRows: activeRows,
        weights: model.weightSizes
      ).floatingPointOperations
    }
    let none = [Int](repeating: 0, count: config.layerCount)
    let block = (operations(nil) - operations(none)) / Double(config.layerCount)
    blocks = 2 * Double(rows * config.hiddenSize * config.hiddenSize) / block
  }

  /// The work that a set of runs saves, in blocks.
  func saving(_ runs: [LayerRun]) -> Double {
    Double(runs.reduce(0) { $0 + $1.layers.count }) - blocks * Double(runs.count)
  }
}
