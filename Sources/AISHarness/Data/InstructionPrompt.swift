/// A user's request to a model: an instruction, and perhaps a text that it is about.
public struct InstructionPrompt: Sendable, Equatable {
  /// What is to be done.
  public let instruction: String
  /// The text that the instruction is about; blank if there is none.
  public let context: String
  /// The kind of task, as its file spells it, such as `closed_qa`.
  public let category: String

  /// A prompt from its parts.
  public init(instruction: String, context: String = "", category: String) {
    self.instruction = instruction
    self.context = context
    self.category = category
  }

  /// The user's message: the instruction and, after a blank line, the context if it is not blank.
  ///
  /// Both are whole. Callers drop a text that is too long for a model; it is never cut.
  public var text: String {
    context.allSatisfy(\.isWhitespace) ? instruction : instruction + "\n\n" + context
  }

  /// The split that the prompt belongs to; its text alone decides.
  public var split: Split { .of(text) }
}
