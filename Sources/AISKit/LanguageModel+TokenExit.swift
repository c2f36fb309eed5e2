import Foundation

/// Answers to messages, and training of the routers for token exit.
extension LanguageModel {
  /// A model's answer, with exits and depth.
  public struct Answer: Sendable {
    /// The text, without an end token.
    public let text: String
    /// The tokens, each with the number of layers that were computed for it.
    public let tokens: [GeneratedToken]
    /// Why the generation ended.
    public let reason: FinishReason
    /// Exits and depth of the tokens.
    public let statistics: ExitStatistics
  }

  /// Trains exit routers on users' messages and writes them to a file.
  ///
  /// Once for a model and a kind of message.
  ///
  /// Each message is put into the model's chat template. Tokens of the template's opening are not
  /// used. Half of the messages are for training and a tenth for early stopping. The rest, on which
  /// nothing is trained, is for choosing the threshold. Activations are stored in a temporary file
  /// beside `path`.
  ///
  /// - Parameters:
  ///   - messages: at least a few hundred messages like those that the routers will see, in any
  ///     order. Long ones are cut to `maximumTokens`.
  ///   - path: the router file to write.
  ///   - maximumTokens: the most tokens of a message.
  ///   - configuration: the settings of token exit.
  ///   - seed: decides which messages are read if there are more than `calibrationSamples`.
  ///   - notes: further entries of the file, by name. With the model file's digest as
  ///     `model_sha256`, the tools refuse the routers for other weights.
  /// - Returns: the result of the calibration.
  /// - Throws: what `RouterCalibration.run` throws, and `CheckpointError` if the file cannot be
  ///   written.
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

  /// The answer to a user's message, by greedy decoding.
  ///
  /// - Throws: an error of the encoding or the generation.
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
