import ArgumentParser
import Foundation

/// The options that print an experiment's plan without running it.
package enum PlanCommand {
  /// Prints what the other options would do, and how long that would take.
  package static let flag = "--plan"
  /// Prints the same as JSON: one experiment asks another with it.
  package static let dataFlag = "--plan-data"

  /// The plan that the arguments ask for, with its flag in any place; `nil` if they ask for none.
  package static func outcome(
    of experiment: (some Experiment).Type, _ arguments: [String]
  ) -> HarnessMain.Outcome? {
    guard let place = arguments.firstIndex(where: { [flag, dataFlag].contains($0) }) else {
      return nil
    }
    var options = arguments
    options.remove(at: place)
    return outcome(of: experiment, options, asData: arguments[place] == dataFlag)
  }

  /// The plan of an experiment with these options, as text or as JSON.
  package static func outcome(
    of experiment: (some Experiment).Type, _ arguments: [String], asData: Bool
  ) -> HarnessMain.Outcome {
    HarnessMain.outcome(of: experiment, arguments: arguments) { command in
      let plan = try command.plan()
      guard asData else { return plan.lines.joined(separator: "\n") }
      return String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
    }
  }
}
