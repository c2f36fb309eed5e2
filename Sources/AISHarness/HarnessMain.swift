import AISKit
import ArgumentParser
import Foundation

/// The exit statuses of all tools.
///
/// A command may throw one to end with that status and no further message.
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
/// The argument parser itself would exit with 64 and several lines. Here one rule holds for all
/// tools: a wrong request is one line on standard error and status 2, a failed run one line and
/// status 1. A run whose output could not be written has failed, whatever else it did.
public enum HarnessMain {
  /// Runs a command with the process's arguments, then ends the process.
  public static func run(_ command: (some ParsableCommand).Type) -> Never {
    takeFailuresAsErrors()
    TuningFile.use()
    end(with: outcome(of: command, arguments: Array(CommandLine.arguments.dropFirst())))
  }

  /// Makes a write beyond the limit on file sizes an error, as on a full disk; by default a signal
  /// would end the process.
  package static func takeFailuresAsErrors() { signal(SIGXFSZ, SIG_IGN) }

  /// Prints the outcome and ends the process.
  package static func end(with outcome: Outcome) -> Never {
    if let text = outcome.standardOutput { StandardStreams.say(text) }
    let outcome = outcome.withLostOutput(StandardStreams.outputFailure)
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

    /// This outcome after lost output: a failure, with that reason if there is no other.
    package func withLostOutput(_ failure: OutputError?) -> Outcome {
      guard let failure, standardError == nil else { return self }
      return Outcome(
        status: status == .done ? .failed : status, standardOutput: standardOutput,
        standardError: failure.description)
    }
  }

  /// Runs a command and says how it ended.
  package static func outcome(
    of command: (some ParsableCommand).Type, arguments: [String],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Outcome {
    if let refusal = refusal(of: environment) { return refusal }
    if arguments == ["--version"] {
      return Outcome(status: .done, standardOutput: "\(toolName) \(ToolVersion.text())")
    }
    if let problem = CommandWords.unknownSubcommand(of: command, arguments) {
      return Outcome(status: .wrongRequest, standardError: problem)
    }
    return outcome(of: command, arguments) {
      var parsed = try command.parseAsRoot(CommandWords.joiningNegativeValues(arguments))
      try parsed.run()
      return nil
    }
  }

  /// Does something with a command other than running it, and says how that ended.
  ///
  /// - Parameters:
  ///   - command: what the arguments are parsed as.
  ///   - arguments: what the user typed.
  ///   - work: returns what to print.
  /// - Returns: how it ended.
  package static func outcome<Command: ParsableCommand>(
    of command: Command.Type, arguments: [String], doing work: (Command) throws -> String?
  ) -> Outcome {
    if let refusal = refusal() { return refusal }
    return outcome(of: command, arguments) {
      try work(command.parse(CommandWords.joiningNegativeValues(arguments)))
    }
  }

  private static func outcome(
    of command: (some ParsableCommand).Type, _ arguments: [String], doing work: () throws -> String?
  ) -> Outcome {
    do {
      return Outcome(status: .done, standardOutput: try work())
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

  /// The outcome if the environment asks for what this machine lacks; else `nil`.
  package static func refusal(
    of environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Outcome? {
    do { try InstructionSet.check(environment: environment) } catch {
      return Outcome(status: .wrongRequest, standardError: error.description)
    }
    return nil
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
