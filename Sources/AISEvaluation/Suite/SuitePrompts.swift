extension SuiteItem {
  /// The item's requests as tokens.
  ///
  /// Context and answer are encoded together and split after as many tokens as the context alone has, as
  /// lm-evaluation-harness does. Of a context that is too long for the model the end is kept.
  ///
  /// - Parameters:
  ///   - encoder: the model's tokenizer.
  ///   - contextLength: the most tokens of a context with its longest answer.
  ///   - asksGreedy: whether it is asked if a greedy model gives the answers.
  /// - Returns: a prompt for each request.
  /// - Throws: `RequestError` for an answer that adds no token to its context, or that leaves the context no room.
  public func prompts(
    _ encoder: PromptEncoder, contextLength: Int, asksGreedy: Bool
  ) throws -> [ChoicePrompt] {
    try requests.map { request in
      let context = try encoder.encode(request.context)
      let answers = try request.continuations.map { text in
        let whole = try encoder.encode(request.context + text)
        guard whole.count > context.count else {
          throw RequestError(
            "item \(row), answer '\(text)'", expected: "at least one token after the context",
            found: "none")
        }
        return Array(whole[context.count...])
      }
      let room = contextLength - (answers.map(\.count).max() ?? 0)
      guard room > 0 else {
        throw RequestError(
          "item \(row)",
          expected: "answers of fewer than \(contextLength) tokens, the model's context",
          found: "\(contextLength - room)")
      }
      return ChoicePrompt(
        tokens: Array(context.suffix(room)), continuations: answers,
        characterCounts: answers.map { _ in 1 }, readsLogits: false, asksGreedy: asksGreedy)
    }
  }
}
