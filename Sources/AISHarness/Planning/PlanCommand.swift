import ArgumentParser
import Foundation

/// An experiment's plan, asked for without running it.
package enum PlanCommand {
  /// Says what the options after it would do, and how long that would take.
  package static let flag = "--plan"
  /// The same as JSON, which is how one experiment asks another.
  package static let dataFlag = "--plan-data"

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
