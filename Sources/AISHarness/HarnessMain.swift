import AISKit
import ArgumentParser
import Foundation

/// What a tool's exit status says.
///
/// A command that has said all there is to say may throw it, to end with that status.
public enum ExitStatus: Int32, Error, Sendable {
  /// Done; for an experiment, whatever its verdict.
  case done = 0
  /// The run failed.
  case failed = 1
  /// The request was wrong: usage, or a missing or malformed file.
  case wrongRequest = 2
}

/// Runs a tool's command and turns whatever it throws into one line and an exit status.
///
/// The argument parser's own way ends with 64 and several lines; here one rule serves every tool:
/// a wrong request is one line on standard error and status 2, a failed run one line and status 1.
public enum HarnessMain {
  /// Runs a command with the process's arguments, then ends the process.
  public static func run(_ command: (some ParsableCommand).Type) -> Never {
    end(with: outcome(of: command, arguments: Array(CommandLine.arguments.dropFirst())))
  }

  /// Says what there is to say, and ends the process.
  package static func end(with outcome: Outcome) -> Never {
    if let text = outcome.standardOutput { try? StandardStreams.writeOutput(text + "\n") }
    if let line = outcome.standardError {
      StandardStreams.writeError("\(toolName): \(line)\n")
    }
    exit(outcome.status.rawValue)
  }

  private static var toolName: String {
    URL(fileURLWithPath: CommandLine.arguments.first ?? "ais").lastPathComponent
  }

  /// How a command ended.
  package struct Outcome: Equatable {
    /// The exit status.
    package var status: ExitStatus
    /// What to print: help that was asked for.
    package var standardOutput: String?
    /// What went wrong, in one line.
    package var standardError: String?

    package init(
      status: ExitStatus, standardOutput: String? = nil, standardError: String? = nil
    ) {
      self.status = status
      self.standardOutput = standardOutput
      self.standardError = standardError
    }
  }

  /// Runs a command and says how it ended.
  package static func outcome(
    of command: (some ParsableCommand).Type, arguments: [String]
  ) -> Outcome {
    if arguments == ["--version"] {
      return Outcome(status: .done, standardOutput: "\(toolName) \(ToolVersion.text())")
    }
    if let problem = CommandWords.unknownSubcommand(of: command, arguments) {
      return Outcome(status: .wrongRequest, standardError: problem)
    }
    do {
      var parsed = try command.parseAsRoot(CommandWords.joiningNegativeValues(arguments))
      try parsed.run()
      return Outcome(status: .done)
    } catch let status as ExitStatus {
      return Outcome(status: status)
    } catch let error as any InputError {
      return Outcome(status: .wrongRequest, standardError: oneLine(error.description))
    } catch {
      switch command.exitCode(for: error) {
      case .success:
        return Outcome(
          status: .done,
          standardOutput: ExperimentDescription.withOwnDefaults(
            command.fullMessage(for: error), of: command))
      case .validationFailure:
        return Outcome(
          status: .wrongRequest,
          standardError: CommandWords.explaining(oneLine(command.message(for: error))))
      default:
        return Outcome(status: .failed, standardError: oneLine(command.message(for: error)))
      }
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
