import AISHarness
import AISKit

/// A prompt and the full model's greedy answer to it, which every variant is given.
struct GivenText: RawRow {
  /// Timed parts of an answer, one after the other.
  static let stretches = 5
  /// Tokens of a stretch.
  ///
  /// The last of them runs every layer, so that filling the cache of the exited ones is inside the
  /// clock; the others are routed.
  static let stretchSteps = 21
  /// Tokens of an answer; end tokens are tokens like others here.
  static let steps = stretches * stretchSteps

  var prompt = 0
  var category = ""
  var question = ""
  var answer = ""
  var oracle = ""

  static let tableName = "given_texts"
  static let columns: [Column<GivenText>] = [
    Column("prompt", \.prompt, "index of the prompt in the sample"),
    Column("category", \.category, "its category"),
    Column("question", \.question, "its tokens"),
    Column("answer", \.answer, "the full model's next tokens", .unchecked),
    Column(
      "oracle", \.oracle,
      "of each token, the first checkpoint whose readout has the final token; −1: none", .unchecked),
  ]

  private static func text(_ numbers: some Sequence<some BinaryInteger>) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }

  /// The numbers of a cell.
  static func numbers<Number: FixedWidthInteger>(_ text: String) -> [Number] {
    text.split(separator: " ").compactMap { Number($0) }
  }

  /// Draws prompts, lets the full model answer them, and finds where each token could exit at the
  /// earliest without changing its prediction.
  static func measure(
    _ count: Int, _ data: [InstructionPrompt], _ language: LanguageModel, _ routers: TokenRouters,
    _ bridges: ExitBridges?, in lab: Lab<Exp022.Row>
  ) throws {
    let model = language.decoder
    try routers.validate(for: model.config)
    let draw = try PromptDraw(
      data: data, language: language, split: .test, count: count,
      maximumTokens: min(Exp022.longestPrompt, model.config.contextLength - steps - 1),
      seed: lab.seed)
    guard draw.prompts.count == count else {
      throw RequestError(
        "prompts of the test split", expected: "\(count)", found: "\(draw.prompts.count)")
    }
    let allowed = routers.configuration.exits(layerCount: model.config.layerCount)
    let reader = try LabelReader(
      model: model, layers: routers.layers.filter(allowed.contains), exitBridges: bridges)
    try lab.measureEach(
      raw: Array(draw.prompts.indices), "prompts answered by the full model", by: { $0 },
      rowKey: \GivenText.prompt,
      { try [read(draw, $0, language, reader)] })
  }

  private static func read(
    _ draw: PromptDraw, _ prompt: Int, _ language: LanguageModel, _ reader: LabelReader
  ) throws -> GivenText {
    // No end tokens, so that all answers have every step.
    let answer = try BatchGenerator(model: language.decoder, endIDs: [])
      .generate(prompts: [draw.tokens[prompt]], maxTokens: steps)[0].tokens.map(\.id)
    let labels = try reader.read([draw.tokens[prompt] + answer])
    var exits = [Int](repeating: -1, count: labels.positions.count)
    for (place, layer) in labels.layers.enumerated().reversed() {
      for (row, agrees) in labels.agrees[place].enumerated() where agrees {
        exits[labels.positions[row]] = layer
      }
    }
    return GivenText(
      prompt: prompt, category: draw.prompts[prompt].category,
      question: text(draw.tokens[prompt]), answer: text(answer), oracle: text(exits))
  }
}
