/// A model's logits on a text, which other ways of computing the text are compared with.
public struct TextBaseline: Sendable {
  /// The text.
  public let tokens: [Int32]
  /// Shape: [tokens, vocabularySize].
  public let logits: [Float]
  private let width: Int

  /// Runs a text through all of a model's layers.
  ///
  /// Throws what a forward pass throws.
  public init(_ model: DecoderModel, _ tokens: [Int32]) throws {
    self.tokens = tokens
    width = model.config.vocabularySize
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(PackedTokens(tokens), in: &context, logits: .all)
    logits = context.withAllLogits { Array($0) }
  }

  /// Runs the text in another way.
  ///
  /// - Parameters:
  ///   - model: a model of the same vocabulary.
  ///   - policy: decides on its depth.
  ///   - observer: sees its layers.
  /// - Returns: the distance at each position.
  /// - Throws: what a forward pass throws.
  public func compare(
    with model: DecoderModel, policy: some DepthPolicy = DepthPlan.full,
    observer: (any ForwardObserver)? = nil
  ) throws -> [LogitComparison] {
    try run(model, policy, observer) { own in
      logits.withUnsafeBufferPointer {
        LogitComparison.rows(base: $0, other: own, width: width)
      }
    }
  }

  /// The same, with −log of both probabilities of the tokens after an opening of at least one, in
  /// nats.
  public func compareWithNats(
    with model: DecoderModel, policy: some DepthPolicy, observer: (any ForwardObserver)?,
    opening: Int
  ) throws -> (rows: [LogitComparison], nats: Double, baselineNats: Double) {
    try run(model, policy, observer) { own in
      logits.withUnsafeBufferPointer { base in
        (
          LogitComparison.rows(base: base, other: own, width: width), nats(own, from: opening),
          nats(base, from: opening)
        )
      }
    }
  }

  private func run<Result>(
    _ model: DecoderModel, _ policy: some DepthPolicy, _ observer: (any ForwardObserver)?,
    _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws -> Result {
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(
      PackedTokens(tokens), in: &context, policy: policy, observer: observer, logits: .all)
    return context.withAllLogits(body)
  }

  private func nats(_ logits: UnsafeBufferPointer<Float>, from opening: Int) -> Double {
    let normalizers = LogProbabilities.normalizers(logits, width: width)
    return (opening..<max(opening, tokens.count)).reduce(0.0) { sum, place in
      sum + normalizers[place - 1] - Double(logits[(place - 1) * width + Int(tokens[place])])
    }
  }
}
