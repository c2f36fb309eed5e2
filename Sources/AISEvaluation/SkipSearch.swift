/// Searches for the layers whose absence changes the model's predictions least.
///
/// Leaving out the same number of layers can cost little or destroy the model, so a plan that nobody
/// searched for is a straw man. The search is greedy: in each turn it leaves out the layer that costs
/// least beside those already out, of the eight that cost least in the turn before. It is compared
/// with the best run of consecutive layers.
///
/// Predictions are compared after each text's last token alone, so that a search of hundreds of plans
/// takes minutes. It must not see the texts that the plan is judged on.
public final class SkipSearch {
  /// A set of layers and what its absence costs.
  public struct Found: Sendable, Equatable, Codable {
    /// The layers left out, in rising order.
    public let layers: [Int]
    /// The mean KL(base‖skip) of the texts' next tokens, in nats.
    public let kl: Double

    /// A set from its parts.
    public init(layers: [Int], kl: Double) {
      self.layers = layers
      self.kl = kl
    }
  }

  private let model: DecoderModel
  private let batches: [(texts: [[Int32]], tokens: PackedTokens)]
  /// The full model's logits after each text.
  ///
  /// Shape: [texts][vocabularySize].
  private var base: [[Float]] = []
  private var context: DecoderContext

  /// A search on texts, which the full model reads once.
  ///
  /// - Throws: what a forward pass throws.
  public init(_ model: DecoderModel, texts: [[Int32]]) throws {
    self.model = model
    batches = PackedTokens.batches(of: texts).map {
      (Array(texts[$0]), PackedTokens(Array(texts[$0])))
    }
    context = try model.makeContext(capacity: 1)
    base = try logits(.full)
  }

  /// Layers that are tried in each turn after the first.
  private static let pool = 8

  /// Plans that are measured to leave out `count` layers.
  public static func measurements(leavingOut count: Int, of layerCount: Int) -> Int {
    (0..<count).reduce(layerCount - count + 1) { sum, turn in
      sum + (turn == 0 ? layerCount : min(pool, layerCount - turn))
    }
  }

  /// Searches for the best set of each size up to `count`.
  ///
  /// - Parameters:
  ///   - count: how many layers are left out at most; fewer than the model has.
  ///   - measured: called after each plan.
  /// - Returns: the sets, the smallest first.
  /// - Throws: what a forward pass throws.
  public func best(
    upTo count: Int, measured: () -> Void = {}
  ) throws -> [Found] {
    let layerCount = model.config.layerCount
    precondition(count < layerCount, "some layer stays")
    var found: [Found] = []
    // Layers that may still go, the cheapest of the last turn that tried them first.
    var order = Array(0..<layerCount)
    while found.count < count {
      let out = found.last?.layers ?? []
      var turn: [(layer: Int, found: Found, cost: Double)] = []
      for layer in order.prefix(found.isEmpty ? layerCount : Self.pool) {
        let set = try cost((out + [layer]).sorted())
        turn.append((layer, set, set.kl.isNaN ? .infinity : set.kl))
        measured()
      }
      turn.sort { ($0.cost, $0.layer) < ($1.cost, $1.layer) }
      found.append(turn[0].found)
      order = turn.dropFirst().map(\.layer) + order.dropFirst(turn.count)
    }
    guard let greedy = found.last else { return [] }
    for first in 0...layerCount - count {
      let run = try cost(Array(first..<first + count))
      measured()
      if run.kl < (found.last?.kl ?? greedy.kl) { found[count - 1] = run }
    }
    return found
  }

  private func cost(_ layers: [Int]) throws -> Found {
    let other = try logits(.skipping(layers))
    let sum = zip(base, other).reduce(0) {
      $0 + LogitComparison(base: $1.0, other: $1.1).klBaseSkip
    }
    return Found(layers: layers, kl: sum / Double(base.count))
  }

  private func logits(_ plan: DepthPlan) throws -> [[Float]] {
    try batches.flatMap { texts, tokens in
      try context.reshape(for: texts)
      try model.forward(tokens, in: &context, policy: plan)
      return texts.indices.map { context.logits(row: $0) }
    }
  }
}
