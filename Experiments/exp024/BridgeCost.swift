import AISHarness
import AISKit

/// What a bridge costs beside a block, measured: the search's budget is time, not layers.
struct BridgeCost {
  private static let tokens = 256
  private static let pairs = 8

  /// A bridge's time over a block's, in prefill of one prompt.
  let blocks: Double

  /// Measures the model, the model without some layers, and with bridges in their places.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - bridges: over several runs, so that they are not lost in the noise.
  /// - Throws: `DepthError`, and what a forward pass throws.
  init(_ model: DecoderModel, _ bridges: Bridges) throws {
    let layers = bridges.bridges.flatMap { Array($0.run.layers) }
    let plans = [DepthPlan.full, try .skipping(layers), try bridges.plan(for: model)]
    let rows = min(Self.tokens, model.config.contextLength)
    let tokens = PackedTokens(
      (0..<rows).map { Int32(($0 * 31 + 7) % model.config.vocabularySize) })
    func side(_ plan: DepthPlan) throws -> InterleavedTiming.Side {
      var context = try model.makeContext(capacity: rows)
      return .init(plan.summary) {
        context.removeAll()
        try model.forward(tokens, in: &context, policy: plan)
      }
    }
    let timing = InterleavedTiming(pairs: Self.pairs)
    let left = try timing.measure(baseline: try side(plans[0]), variant: try side(plans[1]))
    let bridged = try timing.measure(baseline: try side(plans[1]), variant: try side(plans[2]))
    let block =
      (left.baseline.medianMilliseconds - left.variant.medianMilliseconds) / Double(layers.count)
    let bridge =
      (bridged.variant.medianMilliseconds - bridged.baseline.medianMilliseconds)
      / Double(bridges.bridges.count)
    blocks = block > 0 ? max(0, bridge / block) : 0
  }

  /// Blocks' worth of time that a set of runs saves.
  func saving(_ runs: [LayerRun]) -> Double {
    Double(runs.reduce(0) { $0 + $1.layers.count }) - blocks * Double(runs.count)
  }
}
