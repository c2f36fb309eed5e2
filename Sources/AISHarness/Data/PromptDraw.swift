import AISKit

/// Prompts drawn from one split for one model: short enough, evenly over the categories, tokenized.
public struct PromptDraw: Sendable {
  /// The prompts, in the order of the work.
  public let prompts: [InstructionPrompt]
  /// Their tokens in the model's chat template.
  public let tokens: [[Int32]]
  /// How many prompts of the whole data set were too long.
  public private(set) var leftOutCount: Int
  /// Says that fewer were drawn than were asked for, and why; `nil` if all were.
  public private(set) var shortage: String?

  /// Tokens of all prompts together.
  public var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }

  /// The tokens that all of a model's conversations begin with, found by comparing two different
  /// messages.
  ///
  /// - Throws: what the chat template throws.
  public static func sharedOpening(_ language: LanguageModel) throws -> [Int32] {
    try language.messageOpening
  }

  /// Draws prompts.
  ///
  /// - Parameters:
  ///   - data: all prompts of the data set.
  ///   - language: whose tokenizer and template are used.
  ///   - split: the split they come from; this is checked.
  ///   - count: how many; fewer if the split has no more.
  ///   - maximumTokens: longer prompts are left out, not cut.
  ///   - longest: while no prompt of the split is short enough, `maximumTokens` is doubled, up to this.
  ///   - seed: where the draw starts.
  /// - Throws: what the chat template throws, `SplitError`; `RequestError` if nothing is left.
  public init(
    data: [InstructionPrompt], language: LanguageModel, split: Split, count: Int,
    maximumTokens: Int, orAtMost longest: Int? = nil, seed: UInt64
  ) throws {
    var maximumTokens = maximumTokens
    var short = try Self.short(data, language, maximumTokens)
    while let longest, maximumTokens < longest, !short.contains(where: { $0.split == split }) {
      maximumTokens = min(2 * maximumTokens, longest)
      short = try Self.short(data, language, maximumTokens)
    }
    guard short.contains(where: { $0.split == split }) else {
      throw RequestError(
        "prompts of the \(split.rawValue) split",
        expected: "some of at most \(maximumTokens) tokens", found: "none")
    }
    try self.init(short: short, language: language, split: split, count: count, seed: seed)
    leftOutCount = data.count - short.count
    if shortage != nil, leftOutCount > 0 {
      shortage? += "; \(leftOutCount) of the data are longer than \(maximumTokens) tokens"
    }
  }

  /// Draws from prompts that are short enough.
  ///
  /// - Throws: what the chat template throws, `SplitError`.
  init(
    short: [InstructionPrompt], language: LanguageModel, split: Split, count: Int, seed: UInt64
  ) throws {
    prompts = PromptSample.stratified(short, split: split, count: count, seed: seed)
    tokens = try prompts.map { try language.tokens(ofMessage: $0.text) }
    leftOutCount = 0
    if prompts.count < count {
      shortage =
        "there are only \(prompts.count) prompts of the \(split.rawValue) split, not \(count): all "
        + "are used"
    }
    try Split.check([(split, prompts.map(\.text))])
  }

  /// The prompts with at most `maximumTokens` tokens.
  ///
  /// - Throws: what the chat template throws.
  static func short(
    _ data: [InstructionPrompt], _ language: LanguageModel, _ maximumTokens: Int
  ) throws -> [InstructionPrompt] {
    // The template's tokens, from the shortest message; a token of text has at least one byte.
    let template = try language.tokens(ofMessage: "A").count
    return try data.filter { prompt in
      try prompt.text.utf8.count + template <= maximumTokens
        || language.tokens(ofMessage: prompt.text).count <= maximumTokens
    }
  }
}
