import ArgumentParser
import Foundation

/// An experiment's plan, asked for without running it.
package enum PlanCommand {
  /// Says what the options beside it would do, and how long that would take.
  package static let flag = "--plan"
  /// The same as JSON, which is how one experiment asks another.
  package static let dataFlag = "--plan-data"

  /// The plan that the arguments ask for, wherever among the options its flag stands; `nil` where they
  /// ask for none.
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
