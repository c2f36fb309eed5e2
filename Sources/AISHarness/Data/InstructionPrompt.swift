/// What a user asks of a model: an instruction, and a text it may be about.
public struct InstructionPrompt: Sendable, Equatable {
  /// What is to be done.
  public let instruction: String
  /// The text that the instruction is about; blank where there is none.
  public let context: String
  /// The kind of task, as its file spells it, such as `closed_qa`.
  public let category: String

  /// A prompt from its parts.
  public init(instruction: String, context: String = "", category: String) {
    self.instruction = instruction
    self.context = context
    self.category = category
  }

  /// The user's message: the instruction and, behind a blank line, the context if it is not blank.
  ///
  /// Both are whole; a text too long for a model is for the caller to leave out, never to cut.
  public var text: String {
    context.allSatisfy(\.isWhitespace) ? instruction : instruction + "\n\n" + context
  }

  /// The part of the evidence that the prompt belongs to; its text alone decides.
  public var split: Split { .of(text) }
}
