import AISKit

/// Prompts and questions written for this project, so that every experiment runs without data
/// files.
///
/// The set is small, so intervals on it are wide; a result states that it used the set. The set's
/// digest is part of every such result, so rows from two versions never mix in one file.
public enum StarterData {
  /// Prompts in the eight categories of databricks-dolly-15k, at least 40 in each.
  public static let prompts: [InstructionPrompt] = [
    ("brainstorming", brainstorming), ("classification", classification),
    ("closed_qa", closedQA), ("creative_writing", creativeWriting), ("general_qa", generalQA),
    ("information_extraction", informationExtraction), ("open_qa", openQA),
    ("summarization", summarization),
  ].flatMap { StarterText.prompts($1, category: $0) }

  /// Sixty questions with four choices, five in each of twelve subjects.
  public static let questions: [MultipleChoiceQuestion] =
    (scienceQuestions + societyQuestions).flatMap {
      StarterText.questions($0.text, subject: $0.subject)
    }

  /// The digest of the prompts.
  public static let promptsSHA256 = SHA256.hexDigest(
    of: canonical(prompts.map { [$0.category, $0.instruction, $0.context] }))

  /// The digest of the questions.
  public static let questionsSHA256 = SHA256.hexDigest(
    of: canonical(questions.map { [$0.subject, $0.question, "\($0.answer)"] + $0.choices }))

  /// Records and their fields in order, under separators that occur in no text.
  private static func canonical(_ records: [[String]]) -> String {
    records.map { $0.joined(separator: "\u{1F}") + "\u{1E}" }.joined()
  }
}
