import AISKit

/// The cost of a bridge relative to a block, in operations: the search's budget is work, not
/// layers.
///
/// It is counted, not timed, so that the same options always choose the same layers.
package enum BridgeCost {
  /// A map's operations over a block's, in prefill of one prompt whose rows all get logits.
  package static func blocks(_ model: DecoderModel) -> Double {
    let (config, rows) = (model.config, min(256, model.config.contextLength))
    func operations(_ activeRows: Int) -> Double {
      ModelWork(
        config: config, rows: rows, logitRows: rows,
        activeRows: [Int](repeating: activeRows, count: config.layerCount),
        weights: model.weightSizes
      ).floatingPointOperations
    }
    let blocks = operations(rows) - operations(0)
    return 2 * Double(rows * config.hiddenSize * config.hiddenSize) * Double(config.layerCount)
      / blocks
  }
}
