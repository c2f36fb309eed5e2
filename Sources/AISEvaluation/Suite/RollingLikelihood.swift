/// The likelihood of whole documents, in windows.
///
/// Source: `loglikelihood_rolling` of lm-evaluation-harness with a context of one token. Every token is predicted once. A
/// window begins with the token before it, the first with a token that begins texts. The last window, which has fewer
/// tokens to predict, has as many more before them.
public struct RollingLikelihood {
  /// A window: what is read, and how many of the tokens after it are predicted.
  package struct Window: Equatable {
    /// What the model reads, and after it the last token, which is only predicted.
    package let tokens: ArraySlice<Int32>
    /// How many tokens at the end are predicted.
    package let predicted: Int

    package init(tokens: ArraySlice<Int32>, predicted: Int) {
      (self.tokens, self.predicted) = (tokens, predicted)
    }
  }

  private let model: DecoderModel
  private let length: Int
  /// Rows whose logits are kept at a time: a whole window's would take gigabytes.
  private static let rowsAtOnce = 256

  /// A measurement with windows of a length.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - length: the most tokens that are read; no more than the model's context.
  public init(_ model: DecoderModel, length: Int = 2_048) {
    self.model = model
    self.length = min(length, model.config.contextLength)
  }

  /// A document's log-likelihood in nats.
  ///
  /// - Parameters:
  ///   - document: its tokens.
  ///   - prefix: the token before it.
  ///   - policy: decides what every pass computes.
  /// - Returns: the sum over all of its tokens.
  /// - Throws: what a forward pass throws.
  public func logLikelihood(
    of document: [Int32], after prefix: Int32, policy: some DepthPolicy
  ) throws -> Double {
    var sum = 0.0
    for window in Self.windows([prefix] + document, length: length) {
      sum += try logLikelihood(of: window, policy)
    }
    return sum
  }

  /// The windows of a document with its prefix.
  package static func windows(_ tokens: [Int32], length: Int) -> [Window] {
    var windows: [Window] = []
    var done = 1
    while done < tokens.count {
      let end = min(done + length, tokens.count)
      let first = max(0, min(done - 1, end - 1 - length))
      windows.append(Window(tokens: tokens[first..<end], predicted: end - done))
      done = end
    }
    return windows
  }

  private func logLikelihood(of window: Window, _ policy: some DepthPolicy) throws -> Double {
    let inputs = Array(window.tokens.dropLast())
    let targets = Array(window.tokens.dropFirst())
    let first = inputs.count - window.predicted
    var context = try model.makeContext(capacity: inputs.count, path: policy.path)
    context.expect(lengths: [inputs.count])
    let width = model.config.vocabularySize
    var sum = 0.0
    for start in stride(from: 0, to: inputs.count, by: Self.rowsAtOnce) {
      let end = min(start + Self.rowsAtOnce, inputs.count)
      let isRead = end > first
      try model.forward(
        PackedTokens(Array(inputs[start..<end])), in: &context, policy: policy,
        logits: isRead ? .all : .none)
      guard isRead else { continue }
      context.withAllLogits { logits in
        let normalizers = LogProbabilities.normalizers(logits, width: width)
        for place in max(start, first)..<end {
          let row = place - start
          sum += Double(logits[row * width + Int(targets[place])]) - normalizers[row]
        }
      }
    }
    return sum
  }
}
