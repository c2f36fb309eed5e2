/// Compares plans with the full model on the same texts.
///
/// The full model's logits are computed once and kept in memory: a few thousand tokens take
/// gigabytes. Not thread-safe.
public final class PlanComparison {
  private struct Batch {
    let texts: [[Int32]]
    let tokens: PackedTokens
    /// Shape: [tokens, vocabularySize].
    let base: [Float]
  }

  private let model: DecoderModel
  private let firstPosition: Int
  private let batches: [Batch]
  private var context: DecoderContext

  /// Texts with the full model's logits.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - texts: their tokens.
  ///   - firstPosition: the first measured position.
  ///   - progress: called after each pass with the tokens that it read.
  /// - Throws: what a forward pass throws.
  public init(
    _ model: DecoderModel, texts: [[Int32]], firstPosition: Int = 0,
    progress: (Int) -> Void = { _ in }
  ) throws {
    self.model = model
    self.firstPosition = firstPosition
    context = try model.makeContext(capacity: 1)
    var batches: [Batch] = []
    let long = texts.filter { $0.count > firstPosition }
    for range in PackedTokens.batches(of: long) {
      let texts = Array(long[range])
      let tokens = PackedTokens(texts)
      try Self.pass(model, tokens, texts, DepthPlan.full, &context)
      batches.append(
        Batch(texts: texts, tokens: tokens, base: context.withAllLogits { Array($0) }))
      progress(tokens.rows)
    }
    self.batches = batches
  }

  /// The number of compared positions.
  public var positions: Int {
    batches.reduce(0) { $0 + $1.texts.reduce(0) { $0 + $1.count - firstPosition } }
  }

  /// Compares a policy's next-token distributions with the full model's, text by text.
  ///
  /// Texts that are too short to have a compared position are skipped.
  ///
  /// - Throws: what a forward pass throws.
  public func compare(_ policy: some DepthPolicy) throws -> [[LogitComparison]] {
    let width = model.config.vocabularySize
    return try batches.flatMap { batch in
      try Self.pass(model, batch.tokens, batch.texts, policy, &context)
      let rows = context.withAllLogits { other in
        batch.base.withUnsafeBufferPointer {
          LogitComparison.rows(base: $0, other: other, width: width)
        }
      }
      return batch.texts.indices.map { text in
        Array(rows[batch.tokens.starts[text] + firstPosition..<batch.tokens.starts[text + 1]])
      }
    }
  }

  private static func pass(
    _ model: DecoderModel, _ tokens: PackedTokens, _ texts: [[Int32]], _ policy: some DepthPolicy,
    _ context: inout DecoderContext
  ) throws {
    try context.reshape(for: texts, path: policy.path)
    try model.forward(tokens, in: &context, policy: policy, logits: .all)
  }
}
