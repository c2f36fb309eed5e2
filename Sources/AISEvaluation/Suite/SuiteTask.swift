/// A task of a benchmark suite, declared as data: where its items lie, how they are put, and what counts.
///
/// Prompts and scores follow lm-evaluation-harness. In templates `{field}` means a field of the item's line; `{letters}`
/// means the choices, a line each, as `A. …`.
public struct SuiteTask: Sendable, Equatable {
  /// What a model says or is asked about after the prompt.
  public enum Answers: Sendable, Equatable {
    /// The texts of the choices.
    case choices
    /// The choices' letters; the prompt lists the choices.
    case letters
    /// The same texts for every item.
    case fixed([String])
    /// Each choice takes the place of `_` in the item's sentence, and the rest of the sentence is scored after it
    /// ("partial evaluation").
    case blank
    /// The text of a field is scored, and whether a greedy model says it.
    case target(field: String)
    /// The document itself is scored from its beginning on, in windows.
    case document(field: String)
    /// The model writes an answer, which ends in a number.
    case number(field: String)
  }

  /// The figure by which a task is known.
  public enum Metric: String, Sendable {
    /// The share of items whose right answer has the highest log-probability.
    case accuracy = "acc"
    /// The same, with log-probabilities divided by the answers' characters.
    case normalizedAccuracy = "acc_norm"
    /// The perplexity of a word.
    case wordPerplexity = "word_perplexity"
    /// The share of items whose number is right.
    case exactMatch = "exact_match"
  }

  /// How fields are mended before they are used.
  public enum Preparation: Sendable, Equatable {
    /// As HellaSwag's: see `SuiteLine.prepareHellaSwag`.
    case hellaSwag
    /// The underscores in a field become spaces.
    case spaced(field: String)
    /// White space at the beginning of a field goes away.
    case trimmed(field: String)
    /// White space at both ends of a field goes away.
    case stripped(field: String)
  }

  /// The name that a user types.
  public let name: String
  /// What pages call it.
  public let title: String
  /// The data file's name.
  public let file: String
  /// The text before the answer.
  public let prompt: String
  /// What comes after it.
  public let answers: Answers
  /// The figure by which it is known.
  public let metric: Metric
  /// Solved examples, the same for every item, before the prompt.
  public let examples: String
  /// How fields are mended.
  public let preparations: [Preparation]
  /// The field by which items are alike, such as a subject; `nil` if each stands alone.
  public let group: String?

  init(
    _ name: String, _ title: String, file: String, prompt: String = "", _ answers: Answers,
    _ metric: Metric = .accuracy, examples: String = "", preparing preparations: [Preparation] = [],
    group: String? = nil
  ) {
    self.name = name
    self.title = title
    self.file = file
    self.prompt = prompt
    self.answers = answers
    self.metric = metric
    self.examples = examples
    self.preparations = preparations
    self.group = group
  }

  /// Whether the model writes text, which takes much longer than scoring one.
  public var isGenerated: Bool {
    if case .number = answers { true } else { false }
  }

  /// Whether its items are whole documents.
  public var isRolling: Bool {
    if case .document = answers { true } else { false }
  }
}
