import AISKit

/// Prompts drawn from one split for one model: short enough, evenly over the categories, tokenized.
public struct PromptDraw: Sendable {
  /// The prompts, in the order of the work.
  public let prompts: [InstructionPrompt]
  /// Their tokens in the model's chat template.
  public let tokens: [[Int32]]
  /// How many prompts of the whole data set were too long.
  public let leftOutCount: Int

  /// Tokens of all prompts together.
  public var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }

  /// Draws prompts.
  ///
  /// - Parameters:
  ///   - data: all prompts of the data set.
  ///   - language: whose tokenizer and template are used.
  ///   - split: where they come from; checked.
  ///   - count: how many; fewer where the split has no more.
  ///   - maximumTokens: longer prompts are left out, not cut.
  ///   - seed: where the draw starts.
  /// - Throws: what the chat template throws, `SplitError`; `DataFileError` where nothing is left.
  public init(
    data: [InstructionPrompt], language: LanguageModel, split: Split, count: Int,
    maximumTokens: Int, seed: UInt64
  ) throws {
    let short = try Self.short(data, language, maximumTokens)
    prompts = PromptSample.stratified(short, split: split, count: count, seed: seed)
    tokens = try prompts.map { try language.tokens(ofMessage: $0.text) }
    leftOutCount = data.count - short.count
    guard !prompts.isEmpty else {
      throw ModelError(
        "prompts of the \(split.rawValue) split",
        expected: "some of at most \(maximumTokens) tokens", found: "none")
    }
    try Split.check([(split, prompts.map(\.text))])
  }

  /// The prompts that have no more than so many tokens.
  ///
  /// - Throws: what the chat template throws.
  static func short(
    _ data: [InstructionPrompt], _ language: LanguageModel, _ maximumTokens: Int
  ) throws -> [InstructionPrompt] {
    try data.filter { try language.tokens(ofMessage: $0.text).count <= maximumTokens }
  }
}
