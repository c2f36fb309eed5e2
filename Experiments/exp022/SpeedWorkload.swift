import AISHarness
import AISKit

/// What is computed in every variant: prompts of one length, and the full model's own answers.
struct SpeedWorkload: Sendable {
  /// Tokens given behind each prompt, of which the last runs every layer.
  static let steps = 9

  /// Shape: [prompts][promptLength].
  let prompts: [[Int32]]
  /// The full model's greedy answers; end tokens are tokens like others here.
  ///
  /// Shape: [prompts][steps].
  let answers: [[Int32]]

  /// Tokens of every prompt.
  var promptLength: Int { prompts[0].count }

  /// Draws prompts that have the length at least, and takes their first tokens.
  ///
  /// - Throws: `ModelError` where there are too few.
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
      throw ModelError(
        "prompts of the test split", expected: "\(count) of at least \(length) tokens",
        found: "\(long.count)")
    }
    prompts = long.map { Array($0.prefix(length)) }
    // Nothing ends an answer, so that all have every step.
    answers = try prompts.map { prompt in
      try BatchGenerator(model: language.decoder, endIDs: [])
        .generate(prompts: [prompt], maxTokens: Self.steps)[0].tokens.map(\.id)
    }
  }
}

/// Where each token of the workload could leave without its own readout changing: the best that any
/// router could do at these checkpoints.
struct SpeedOracle: Sendable {
  /// The checkpoint of each position of each prompt and its answer; −1 where there is none.
  private let exits: [[Int]]

  init(_ model: DecoderModel, _ workload: SpeedWorkload, checkpoints: [Int]) throws {
    exits = try zip(workload.prompts, workload.answers).map { prompt, answer in
      try Self.exits(model, prompt + answer, checkpoints)
    }
  }

  private static func exits(
    _ model: DecoderModel, _ tokens: [Int32], _ checkpoints: [Int]
  ) throws -> [Int] {
    let capture = HiddenStateCapture(layers: checkpoints)
    capture.rows = Array(tokens.indices)
    var context = try model.makeContext(capacity: tokens.count)
    try model.forward(PackedTokens(tokens), in: &context, observer: capture, logits: .all)
    let final = tokens.indices.map { row in context.withLogits(row: row) { Sampler.argmax($0) } }
    var exits = [Int](repeating: -1, count: tokens.count)
    let width = model.config.vocabularySize
    for layer in checkpoints.reversed() where layer < model.config.layerCount - 1 {
      let logits = try model.logits(ofHiddenStates: capture.captured[layer] ?? [])
      logits.withUnsafeBufferPointer { logits in
        for row in tokens.indices {
          let own = UnsafeBufferPointer(rebasing: logits[row * width..<(row + 1) * width])
          if Sampler.argmax(own) == final[row] { exits[row] = layer }
        }
      }
    }
    return exits
  }

  /// Whether the row at a position of a sequence leaves behind a layer.
  func leaves(layer: Int, sequence: Int, position: Int) -> Bool {
    exits[sequence][position] == layer
  }
}
