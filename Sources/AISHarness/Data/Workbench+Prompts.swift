import AISKit

extension Workbench {
  /// Prompts of one split for this run's data and seed; says so if there are fewer than asked for.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - split: where they come from.
  ///   - tokens: longer prompts are left out, not cut.
  ///   - language: whose tokenizer and template are used.
  /// - Returns: the prompts.
  /// - Throws: what `PromptDraw` and reading the data throw.
  public func prompts(
    _ count: Int, of split: Split = .test, atMost tokens: Int, _ language: LanguageModel
  ) throws -> PromptDraw {
    let draw = try PromptDraw(
      data: DataFiles.prompts(dataFile(DataFiles.dolly)), language: language, split: split,
      count: count, maximumTokens: tokens, seed: seed)
    sayShortages(draw)
    return draw
  }

  /// The same, with a line that says how large the sample is.
  public func sample(
    _ count: Int, of split: Split = .test, atMost tokens: Int, _ language: LanguageModel
  ) throws -> PromptDraw {
    let draw = try prompts(count, of: split, atMost: tokens, language)
    say(
      "  sample   \(draw.prompts.count) prompts of the \(split.rawValue) split, "
        + "\(draw.tokenCount) tokens; \(draw.leftOutCount) of the data are longer than \(tokens)")
    return draw
  }
}
