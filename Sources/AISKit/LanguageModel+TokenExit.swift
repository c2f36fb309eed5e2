import Foundation

/// Text in, text out, with tokens that may leave early.
extension LanguageModel {
  /// What a model said, and what it took.
  public struct Answer: Sendable {
    /// The text, without an end token.
    public let text: String
    /// The tokens, each with the layers that were computed for it.
    public let tokens: [GeneratedToken]
    /// Why it ended.
    public let reason: FinishReason
    /// Exits and depth, counted over the tokens.
    public let statistics: ExitStatistics
  }

  /// Trains routers on users' messages and writes their file; once for a model and a kind of message.
  ///
  /// Messages are read in the model's chat template, whose opening does not count. Half of them train, a
  /// tenth says when to stop, and on the rest, which nothing is fitted to, the threshold is chosen.
  /// Activations lie beside the file meanwhile.
  ///
  /// - Parameters:
  ///   - messages: a few hundred at the least, of the kind that the routers will see, in any order;
  ///     long ones are cut to `maximumTokens`.
  ///   - path: the router file to write.
  ///   - maximumTokens: tokens of a message at most.
  ///   - configuration: the settings of token exit.
  ///   - seed: decides which messages are read, where there are more than `calibrationSamples`.
  ///   - notes: what else the file is to tell, by name; with the digest of the model's file as
  ///     `model_sha256`, the tools refuse it for other weights.
  /// - Returns: what was found.
  /// - Throws: what `RouterCalibration.run` throws, and `CheckpointError` where the file cannot be written.
  @discardableResult
  public func calibrateRouters(
    on messages: [String], savingTo path: String, maximumTokens: Int = 256,
    configuration: TokenExitConfiguration = TokenExitConfiguration(), seed: UInt64 = 0,
    notes: [String: String] = [:]
  ) throws -> CalibrationReport {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let length = min(maximumTokens, decoder.config.contextLength)
    let opening = try messageOpening.count
    var random = SplitMix64(seed: seed)
    let texts = try random.shuffled(messages).prefix(configuration.calibrationSamples).map {
      CalibrationText(Array(try tokens(ofMessage: $0).prefix(length)), firstPosition: opening)
    }
    let (routers, report) = try RouterCalibration(model: decoder, configuration: configuration)
      .run(Array(texts), folder: folder, notes: notes)
    try routers.write(to: path)
    return report
  }

  /// The answer to a user's message, greedy.
  ///
  /// - Throws: what encoding and generating throw.
  public func answer(
    _ message: String, maxTokens: Int = 128, policy: some DepthPolicy = DepthPlan.full
  ) throws -> Answer {
    var tokens: [GeneratedToken] = []
    let reason = try Generator(model: decoder, endIDs: prompts.tokenizer.endIDs).generate(
      prompt: self.tokens(ofMessage: message), maxTokens: maxTokens, policy: policy
    ) {
      tokens.append($0)
      return true
    }
    var stream = TokenStreamDecoder(prompts.tokenizer)
    var statistics = ExitStatistics(layerCount: decoder.config.layerCount)
    var text = ""
    for token in tokens {
      text += stream.append(token.id)
      statistics.count(exitLayer: token.exitLayer, executedLayers: token.executedLayers)
    }
    text += stream.finish()
    return Answer(text: text, tokens: tokens, reason: reason, statistics: statistics)
  }
}
