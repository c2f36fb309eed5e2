import ArgumentParser

/// What an experiment says of itself to `make help`.
package enum ExperimentDescription {
  /// Options that are no make variables.
  private static let notVariables: Set = ["help", "version", "resume", "no-resume", "force"]

  /// The card, then every option as the make variable that sets it, with its default.
  package static func text(of experiment: (some Experiment).Type) -> String {
    let number = experiment.card.id
    return ([experiment.card.text, "  run      make exp-\(number)"] + variables(of: experiment))
      .joined(separator: "\n")
  }

  /// The make variable of an option: its name in capitals, dashes as underscores.
  package static func variable(_ option: String) -> String {
    option.uppercased().replacing("-", with: "_")
  }

  /// The make variables that an experiment takes.
  static func variableNames(of experiment: (some Experiment).Type) -> [String] {
    variables(of: experiment).compactMap { line in
      line.firstMatch(of: /^    ([A-Z0-9_]+)/).map { String($0.1) }
    }
  }

  private static func variables(of command: (some ParsableCommand).Type) -> [String] {
    var lines: [String] = []
    var isShown = false
    for line in command.helpMessage(columns: 96).split(separator: "\n") {
      if let match = line.firstMatch(of: /^  (?:-\w, )?--([a-z0-9-]+)(.*)$/) {
        let option = String(match.1)
        isShown = !notVariables.contains(option)
        if isShown { lines.append("    \(variable(option))\(match.2)") }
      } else if line.hasPrefix("    "), isShown {
        lines.append("  \(line)")
      } else {
        isShown = false
      }
    }
    return lines
  }
}
