import AISKit

/// What a bridge costs beside a block, by the arithmetic of both: the search's budget is work, not layers.
///
/// Counted and not timed, so that the same options always choose the same layers; what it takes by the
/// clock stands beside hard skip in the results.
struct BridgeCost {
  private static let tokens = 256

  /// A map's operations over a block's, in prefill of one prompt.
  let blocks: Double

  init(_ model: DecoderModel) {
    let config = model.config
    let rows = min(Self.tokens, config.contextLength)
    func operations(_ activeRows: [Int]?) -> Double {
      // Every row gets logits, so that all blocks do the same.
      ModelWork(
        config: config, rows: rows, logitRows: rows, activeRows: activeRows,
        weights: model.weightSizes
      ).floatingPointOperations
    }
    let none = [Int](repeating: 0, count: config.layerCount)
    let block = (operations(nil) - operations(none)) / Double(config.layerCount)
    blocks = 2 * Double(rows * config.hiddenSize * config.hiddenSize) / block
  }

  /// Blocks' worth of work that a set of runs saves.
  func saving(_ runs: [LayerRun]) -> Double {
    Double(runs.reduce(0) { $0 + $1.layers.count }) - blocks * Double(runs.count)
  }
}
