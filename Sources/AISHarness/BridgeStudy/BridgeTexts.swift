import AISKit

/// Prompts of three splits: to fit bridges, to choose layers, to judge.
///
/// No text is in two splits.
package struct BridgeTexts {
  /// Texts of the calibration split, and of the validation split to choose the penalty.
  package let fit: Bridges.Texts
  /// The first texts of `fit`, for the search.
  package let searchFit: [[Int32]]
  /// Texts of the validation split that choose no penalty, for the search.
  package let search: [[Int32]]
  /// More such texts by category: some choose its layers, the others judge the choice.
  package let categories: [String: (choose: [[Int32]], judge: [[Int32]])]
  /// Prompts of the test split.
  package let judged: PromptDraw
  /// The tokens of the test prompts.
  package var test: [[Int32]] { judged.tokens }
  /// The number of tokens that all prompts begin with; these positions are not judged.
  package let opening: Int

  /// Draws the texts.
  ///
  /// - Parameters:
  ///   - language: the model whose tokens and template are used.
  ///   - data: prompts of all splits.
  ///   - fitTokens: tokens that bridges are fitted to.
  ///   - testPrompts: prompts that judge.
  ///   - longest: the longest prompt that chooses or judges, in tokens.
  ///   - seed: draws the prompts.
  /// - Throws: what tokenizing throws; `RequestError` if there are too few prompts.
  package init(
    _ language: LanguageModel, data: [InstructionPrompt], fitTokens: Int, testPrompts: Int,
    longest: Int, seed: UInt64
  ) throws {
    // With few tokens to fit to, everything is smaller, so that a first try is short.
    let categoryTokens = min(800, fitTokens / 10)
    fit = try Bridges.Texts(
      fitTokens: fitTokens, choiceTokens: min(8_000, fitTokens / 2), data: data,
      language: language, seed: seed)
    searchFit = Self.first(min(16_000, fitTokens), of: fit.fit)
    opening = try PromptDraw.sharedOpening(language).count
    let chosen = Set(fit.choose)
    let validation = try PromptDraw(
      data: data, language: language, split: .validation, count: 2_000,
      maximumTokens: longest,
      seed: seed)
    let rest = validation.tokens.indices.filter { !chosen.contains(validation.tokens[$0]) }
    search = Self.first(min(2_000, fitTokens / 8), of: rest.map { validation.tokens[$0] })
    categories = Dictionary(
      grouping: rest.dropFirst(search.count), by: { validation.prompts[$0].category }
    ).mapValues { prompts in
      let texts = prompts.map { validation.tokens[$0] }
      let choose = Self.first(categoryTokens, of: texts)
      return (choose, Self.first(categoryTokens, of: Array(texts.dropFirst(choose.count))))
    }.filter { !$0.value.judge.isEmpty }
    judged = try PromptDraw(
      data: data, language: language, split: .test, count: testPrompts,
      maximumTokens: longest, seed: seed)
  }

  private static func first(_ tokens: Int, of texts: [[Int32]]) -> [[Int32]] {
    var count = 0
    return Array(
      texts.prefix { text in
        defer { count += text.count }
        return count < tokens
      })
  }
}
