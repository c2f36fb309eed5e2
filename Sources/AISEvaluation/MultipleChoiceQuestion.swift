/// A question with several choices, one of which is right.
public struct MultipleChoiceQuestion: Sendable, Equatable {
  /// The text of the question.
  public let question: String
  /// The subject, as its file spells it, such as `college_physics`.
  public let subject: String
  /// The choices, 2 to 26, in the order in which they are shown.
  public let choices: [String]
  /// The index of the right choice.
  public let answer: Int

  /// A question from its parts.
  public init(question: String, subject: String, choices: [String], answer: Int) {
    self.question = question
    self.subject = subject
    self.choices = choices
    self.answer = answer
  }
}
