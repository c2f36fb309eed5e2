import ArgumentParser

/// Prepares a command line for the argument parser, and explains the parser's messages.
enum CommandWords {
  /// Joins a negative number to the option before it: `--temperature -1` is `--temperature=-1`.
  ///
  /// The parser would read `-1` as an option, and report a missing value.
  static func joiningNegativeValues(_ arguments: [String]) -> [String] {
    var words: [String] = []
    var isOption = false
    for (place, word) in arguments.enumerated() {
      if word == "--" { return words + arguments[place...] }
      if isOption, isNegativeNumber(word) {
        words[words.count - 1] += "=\(word)"
        isOption = false
        continue
      }
      words.append(word)
      isOption = word.hasPrefix("--") && !word.contains("=")
    }
    return words
  }

  private static func isNegativeNumber(_ word: String) -> Bool {
    word.hasPrefix("-") && Double(word) != nil
  }

  /// Adds what was expected to the parser's message about a value that is not a whole number, or is
  /// negative without reason.
  static func explaining(_ message: String) -> String {
    guard let match = message.firstMatch(of: /^The value '([^']*)' is invalid for '--[^']*'$/),
      let number = Double(match.1), number.isFinite
    else { return message }
    if number != number.rounded() { return message + ", expected a whole number" }
    return message + (number < 0 ? ", expected at least 0" : ", expected a smaller number")
  }

  /// The error for a word in a subcommand's place that is not a subcommand.
  static func unknownSubcommand(
    of command: any ParsableCommand.Type, _ arguments: [String]
  ) -> String? {
    var command = command
    var path: [String] = []
    for word in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      guard let next = subcommands.first(where: { $0._commandName == word }) else {
        let names = subcommands.map { $0._commandName }
        let typed = (path + [word]).joined(separator: " ")
        let guess = Spelling.nearest(to: word, among: names).map { "; did you mean '\($0)'?" }
        return "there is no command '\(typed)'\(guess ?? ".") There are: "
          + names.joined(separator: ", ")
      }
      path.append(word)
      command = next
    }
    return nil
  }
}
