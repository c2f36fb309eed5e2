import AISHarness
import AISKit

/// The input of every variant: prompts of one length, and the full model's own answers.
struct SpeedWorkload: Sendable {
  /// Tokens given after each prompt; the last of them runs every layer.
  static let steps = 9

  /// Shape: [prompts][promptLength].
  let prompts: [[Int32]]
  /// The full model's greedy answers; end tokens are tokens like others here.
  ///
  /// Shape: [prompts][steps].
  let answers: [[Int32]]

  /// Tokens of every prompt.
  var promptLength: Int { prompts[0].count }

  /// Draws prompts of at least the length, and takes their first tokens.
  ///
  /// - Throws: `RequestError` if there are too few.
  init(
    _ language: LanguageModel, prompts data: [InstructionPrompt], count: Int, tokens: Int,
    seed: UInt64
  ) throws {
    let length = min(tokens, language.decoder.config.contextLength - Self.steps - 1)
    let drawn = try PromptDraw(
      data: data, language: language, split: .test, count: count * 20, maximumTokens: 512,
      seed: seed)
    let long = drawn.tokens.filter { $0.count >= length }.prefix(count)
    guard long.count == count else {
      throw RequestError(
        "prompts of the test split", expected: "\(count) of at least \(length) tokens",
        found: "\(long.count)")
    }
    prompts = long.map { Array($0.prefix(length)) }
    // End tokens are ignored, so that all answers have every step.
    answers = try prompts.map { prompt in
      try BatchGenerator(model: language.decoder, endIDs: [])
        .generate(prompts: [prompt], maxTokens: Self.steps)[0].tokens.map(\.id)
    }
  }
}

/// The earliest checkpoint at which each token could exit without changing its own prediction: the
/// best that any router could do.
struct SpeedOracle: Sendable {
  /// The checkpoint of each position of each prompt and its answer; −1 if there is none.
  private let exits: [[Int]]

  init(
    _ model: DecoderModel, _ workload: SpeedWorkload, checkpoints: [Int],
    _ bridges: ExitBridges?
  ) throws {
    let texts = zip(workload.prompts, workload.answers).map { $0 + $1 }
    let rows = try LabelReader(model: model, layers: checkpoints, exitBridges: bridges)
      .read(texts)
    var exits = texts.map { [Int](repeating: -1, count: $0.count) }
    for (place, layer) in rows.layers.enumerated().reversed() {
      for (row, agrees) in rows.agrees[place].enumerated() where agrees {
        exits[rows.texts[row]][rows.positions[row]] = layer
      }
    }
    self.exits = exits
  }

  /// Whether the row at a position of a sequence exits after a layer.
  func leaves(layer: Int, sequence: Int, position: Int) -> Bool {
    exits[sequence][position] == layer
  }
}
