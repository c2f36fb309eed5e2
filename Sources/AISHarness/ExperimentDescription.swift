import ArgumentParser

/// An experiment's description for `make help`.
package enum ExperimentDescription {
  /// Options that are not make variables.
  private static let notVariables: Set = ["help", "version", "resume", "no-resume", "force"]

  /// The card, what runs first, then every option as the make variable that sets it, with its
  /// default.
  package static func text(of experiment: (some Experiment).Type) -> String {
    let card = experiment.card
    let target = card.name == card.id ? card.id : "exp-\(card.id)"
    let plain = try? experiment.parse([])
    let needs = (plain?.needs.results ?? []).map { "exp\($0.id)" }.joined(separator: ", ")
    let first =
      needs.isEmpty
      ? [] : ["  needs    results of \(needs) for the same model and data; missing ones run first"]
    let resume =
      "    RESUME <1|0>          Take up an unfinished run of the same settings. (default: 1)"
    let force =
      "    FORCE <1|0>           Use a router file that was made for other weights. (default: 0)"
    let lines =
      [card.text] + first + ["  run      make \(target)"] + variables(of: experiment)
      + (experiment.helpMessage().contains("--force ") ? [force] : []) + [resume]
    return lines.joined(separator: "\n")
  }

  /// A command's help, with the experiment's own default instead of the shared phrase.
  static func withOwnDefaults(_ help: String, of command: any ParsableCommand.Type) -> String {
    guard let count = (command as? any Experiment.Type)?.defaultCount else { return help }
    // The phrase may be broken at a line's end.
    return help.replacing(
      /\(default:\s+the\s+experiment's\s+own\)/, with: "(default: \(count.text))")
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

  private static func variables(of experiment: (some Experiment).Type) -> [String] {
    var lines: [String] = []
    var isShown = false
    let help = withOwnDefaults(experiment.helpMessage(columns: 96), of: experiment)
    for line in help.split(separator: "\n") {
      if let match = line.firstMatch(of: /^  (?:-\w, )?--([a-z0-9-]+)( <.*)$/) {
        let option = String(match.1)
        isShown =
          !notVariables.contains(option) && experiment.unusedOptions[option] == nil
          && (option != "shard" || experiment.runsInShards)
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
