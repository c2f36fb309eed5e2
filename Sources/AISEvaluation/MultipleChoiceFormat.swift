/// How a multiple-choice question is asked, and how the answer is read.
public enum ChoiceProtocol: String, Sendable, CaseIterable {
  /// The choices are listed under letters, and the letter with the highest logit is the answer.
  /// Source: `mmlu` of lm-evaluation-harness.
  case letter
  /// The choices are not listed. Each choice continues the question; the answer is the one with the
  /// highest log-probability divided by its number of characters.
  case cloze
  /// Letters as in `letter`, but asked for in the model's chat template, as the Adaptive Inference
  /// System does.
  case chat
}

/// One question as tokens: the prompt, and the possible answers.
public struct ChoicePrompt: Sendable, Equatable {
  /// The tokens before the answer.
  public let tokens: [Int32]
  /// The tokens of each answer, at least one each.
  public let continuations: [[Int32]]
  /// The divisor of each answer's log-probability: the number of its characters (Unicode scalars),
  /// or 1 for letters.
  public let characterCounts: [Int]

  /// True if every answer is a letter of one token, so that the logits after the prompt decide.
  public let readsLogits: Bool
  /// Whether it is asked if a greedy model gives an answer.
  public let asksGreedy: Bool

  /// A prompt from its parts.
  ///
  /// Every answer must have a token.
  package init(
    tokens: [Int32], continuations: [[Int32]], characterCounts: [Int], readsLogits: Bool,
    asksGreedy: Bool = false
  ) {
    self.tokens = tokens
    self.continuations = continuations
    self.characterCounts = characterCounts
    self.readsLogits = readsLogits
    self.asksGreedy = asksGreedy
  }
}

/// Turns questions into prompts by a protocol, with or without solved examples before them.
public struct MultipleChoiceFormat: Sendable {
  /// The protocol.
  public let kind: ChoiceProtocol
  private let encoder: PromptEncoder
  private let examples: [String: [MultipleChoiceQuestion]]
  private let shots: Int

  /// A format.
  ///
  /// - Parameters:
  ///   - kind: the protocol.
  ///   - encoder: the model's tokenizer and template.
  ///   - shots: the number of solved examples before each question, from its own subject.
  ///   - examples: the solved questions, in order, for example MMLU's `dev` part.
  /// - Throws: `RequestError` if the protocol needs a chat template and the model has none, or if
  ///   `shots` is above 0 with `chat`, whose prompt has no examples.
  public init(
    _ kind: ChoiceProtocol, encoder: PromptEncoder, shots: Int = 0,
    examples: [MultipleChoiceQuestion] = []
  ) throws {
    if kind == .chat {
      guard encoder.hasChatTemplate else {
        throw RequestError("protocol chat", expected: "a model with a chat template", found: "none")
      }
      guard shots == 0 else {
        throw RequestError("protocol chat", expected: "no examples", found: "\(shots)")
      }
    }
    self.kind = kind
    self.encoder = encoder
    self.shots = shots
    self.examples = Dictionary(grouping: examples, by: \.subject)
  }

  /// A question as tokens.
  ///
  /// - Throws: `RequestError` if there are fewer examples of the subject than `shots`, or an answer
  ///   adds no token to its prompt.
  public func prompt(_ question: MultipleChoiceQuestion) throws -> ChoicePrompt {
    let text = try text(question)
    let tokens = try encoder.encode(text)
    let continuations = try answers(question).map { answer in
      // Prompt and answer are tokenized together, because separately they may give other tokens.
      let whole = try encoder.encode(text + answer)
      guard whole.count > tokens.count else {
        throw RequestError(
          "answer '\(answer)'", expected: "at least one token after the prompt", found: "none")
      }
      return Array(whole[tokens.count...])
    }
    // All letters count as equally long, however many tokens they take.
    let counts = question.choices.map { kind == .cloze ? $0.unicodeScalars.count : 1 }
    return ChoicePrompt(
      tokens: tokens, continuations: continuations, characterCounts: counts,
      readsLogits: kind != .cloze && continuations.allSatisfy { $0.count == 1 })
  }

  /// The tokens before the answer.
  package func text(_ question: MultipleChoiceQuestion) throws -> String {
    switch kind {
    case .letter:
      let subject = question.subject.replacing("_", with: " ")
      let header =
        "The following are multiple choice questions (with answers) about \(subject).\n\n"
      return try header + solved(question.subject) + Self.lettered(question)
    case .cloze:
      return try solved(question.subject) + Self.open(question)
    case .chat:
      // The prompt of the Adaptive Inference System's benchmark.
      let request =
        "Answer the following multiple choice question.\n\nQuestion: \(question.question)\n"
        + Self.list(question) + "Answer:"
      return try encoder.render([ChatMessage(role: "user", content: request)])
    }
  }

  private func answers(_ question: MultipleChoiceQuestion) -> [String] {
    switch kind {
    case .letter, .chat: question.choices.indices.map { " " + Self.letter($0) }
    case .cloze: question.choices.map { " " + $0 }
    }
  }

  /// The examples of a subject with their answers.
  private func solved(_ subject: String) throws -> String {
    guard shots > 0 else { return "" }
    let known = examples[subject] ?? []
    guard known.count >= shots else {
      throw RequestError(
        "subject \(subject)", expected: "\(shots) examples", found: "\(known.count)")
    }
    return known.prefix(shots).map { example in
      kind == .cloze
        ? "\(Self.open(example)) \(example.choices[example.answer])\n\n"
        : "\(Self.lettered(example)) \(Self.letter(example.answer))\n\n"
    }.joined()
  }

  private static func lettered(_ question: MultipleChoiceQuestion) -> String {
    "\(stripped(question.question))\n\(list(question))Answer:"
  }

  private static func open(_ question: MultipleChoiceQuestion) -> String {
    "Question: \(stripped(question.question))\nAnswer:"
  }

  private static func list(_ question: MultipleChoiceQuestion) -> String {
    question.choices.enumerated().map { "\(letter($0)). \($1)\n" }.joined()
  }

  /// "A" for 0.
  public static func letter(_ index: Int) -> String {
    String(UnicodeScalar(UInt8(ascii: "A") + UInt8(clamping: min(index, 25))))
  }

  private static func stripped(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
