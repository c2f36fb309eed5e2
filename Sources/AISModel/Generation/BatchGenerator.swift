/// Continues several prompts together, each until its own end.
///
/// A sequence that has ended adds no row to later passes. Decoding is greedy.
public struct BatchGenerator {
  /// The continuation of one prompt.
  public struct Continuation: Sendable, Equatable {
    /// The new tokens, in order, without the end token.
    public internal(set) var tokens: [GeneratedToken] = []
    /// Why it ended.
    public internal(set) var reason = FinishReason.length
  }

  private let model: DecoderModel
  private let endIDs: Set<Int32>

  /// A generator that stops each sequence at the given tokens.
  public init(model: DecoderModel, endIDs: Set<Int32>) {
    self.model = model
    self.endIDs = endIDs
  }

  /// Up to `maxTokens` new tokens of each prompt.
  ///
  /// - Parameters:
  ///   - prompts: the sequences to continue.
  ///   - maxTokens: the most new tokens of each prompt.
  ///   - policy: decides what every pass computes, the prefill included.
  ///   - chosen: called for each new token with its sequence and the logits from which it was
  ///     chosen.
  ///   - stops: called after each new token with its sequence's new tokens; says whether that
  ///     sequence stops.
  /// - Returns: the continuation of each prompt, in order.
  /// - Throws: `RequestError` for an empty prompt or one that leaves no room in the model's context, and
  ///   what a forward pass throws.
  public func generate(
    prompts: [[Int32]], maxTokens: Int, policy: some DepthPolicy = DepthPlan.full,
    chosen: ((_ sequence: Int, _ logits: UnsafeBufferPointer<Float>) -> Void)? = nil,
    stops: ((_ tokens: [GeneratedToken]) throws -> Bool)? = nil
  ) throws -> [Continuation] {
    let limit = model.config.contextLength
    for (index, prompt) in prompts.enumerated() where !(1..<limit).contains(prompt.count) {
      throw RequestError(
        "prompt \(index)", expected: "1 to \(limit - 1) tokens", found: "\(prompt.count)")
    }
    var results = [Continuation](repeating: Continuation(), count: prompts.count)
    guard maxTokens > 0, let longest = prompts.map(\.count).max() else { return results }
    let lengths = prompts.map { $0.count + min(limit - $0.count, maxTokens) }
    var context = try model.makeContext(
      sequences: prompts.count, capacity: longest + min(limit - longest, maxTokens),
      rows: prompts.reduce(0) { $0 + $1.count }, path: policy.path)
    context.expect(lengths: lengths)
    let trace = DepthTrace()
    var next = prompts
    while next.contains(where: { !$0.isEmpty }) {
      let batch = PackedTokens(next)
      try model.forward(batch, in: &context, policy: policy, observer: trace)
      var row = -1
      for sequence in prompts.indices where !next[sequence].isEmpty {
        row += 1
        let id = context.withLogits(row: row) { Int32($0.firstLargest) }
        guard context.withLogits(row: row, { $0[Int(id)].isFinite }) else {
          throw RequestError(
            "logits of prompt \(sequence)", expected: "finite numbers",
            found: "none to choose from")
        }
        next[sequence] = []
        if endIDs.contains(id) {
          results[sequence].reason = .end
          continue
        }
        if let chosen { context.withLogits(row: row) { chosen(sequence, $0) } }
        let batchRow = batch.starts[sequence + 1] - 1
        results[sequence].tokens.append(GeneratedToken(id: id, trace, row: batchRow))
        if let stops, try stops(results[sequence].tokens) {
          results[sequence].reason = .stopped
          continue
        }
        let produced = results[sequence].tokens.count
        if produced < maxTokens {
          if prompts[sequence].count + produced < limit {
            next[sequence] = [id]
          } else {
            results[sequence].reason = .context
          }
        }
      }
    }
    return results
  }
}
