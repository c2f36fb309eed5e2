import AISKit

/// Reads the starter set, which is kept as text so that people can read and correct it.
///
/// A blank line ends an entry. Long lines are wrapped, and a space joins them again.
enum StarterText {
  /// The prompts of a text; a line that begins with `>` belongs to the context.
  static func prompts(_ text: String, category: String) -> [InstructionPrompt] {
    entries(text).map { lines in
      InstructionPrompt(
        instruction: joined(lines.filter { !$0.hasPrefix(">") }),
        context: joined(lines.filter { $0.hasPrefix(">") }.map { $0.dropFirst() }),
        category: category)
    }
  }

  /// The questions of a text; a line that begins with `-` is a choice, one with `+` the right one.
  static func questions(_ text: String, subject: String) -> [MultipleChoiceQuestion] {
    entries(text).map { lines in
      let isChoice = { (line: Substring) in line.hasPrefix("- ") || line.hasPrefix("+ ") }
      let choices = lines.filter(isChoice)
      return MultipleChoiceQuestion(
        question: joined(lines.filter { !isChoice($0) }), subject: subject,
        choices: choices.map { String($0.dropFirst(2)) },
        answer: choices.firstIndex { $0.hasPrefix("+") } ?? -1)
    }
  }

  private static func entries(_ text: String) -> [[Substring]] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .split(separator: "", omittingEmptySubsequences: true).map(Array.init)
  }

  private static func joined(_ lines: [Substring]) -> String {
    lines.map { String($0.drop { $0 == " " }) }.joined(separator: " ")
  }
}
