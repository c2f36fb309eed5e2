/// The least that a forward pass must do under a plan, counted from the model's shape.
public struct ModelWork: Sendable, Equatable {
  /// Multiplications and additions in matrix products and attention, counted separately.
  public let floatingPointOperations: Double
  /// Bytes of packed weights that the pass reads.
  public let weightBytes: Double

  /// The work of a pass over one sequence.
  ///
  /// - Parameters:
  ///   - config: the model's shape.
  ///   - plan: what is left out; a blended layer is computed, so it counts as one that runs.
  ///   - rows: new tokens.
  ///   - position: tokens before them.
  ///   - logitRows: rows that get logits.
  ///   - type: what the products are computed in.
  public init(
    config: ModelConfig, plan: DepthPlan = .full, rows: Int, position: Int = 0,
    logitRows: Int = 1, type: ComputeType
  ) {
    var operations = 2 * Double(logitRows) * Double(config.headParameters)
    var weights = Double(config.headParameters)
    for layer in 0..<config.layerCount where plan[layer] != .skip {
      let keys = (0..<rows).reduce(0) { sum, row in
        sum + Swift.min(position + row + 1, config.slidingWindows[layer] ?? .max)
      }
      // Scores and weighted values: two products of headDim for each query head and visible key.
      operations += 4 * Double(config.attentionWidth) * Double(keys)
      operations += 2 * Double(rows) * Double(config.blockParameters)
      weights += Double(config.blockParameters)
    }
    floatingPointOperations = operations
    weightBytes = weights * (type == .bf16 ? 2 : 4)
  }
}
