import AISHarness
import ArgumentParser
import Foundation

/// `ais results rejudge`: judges stored rows again with the experiments' current code.
struct ResultsRejudge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejudge", abstract: "Judges stored results again, by the experiments as built.",
    discussion: "Ends with 0 where every verdict stays, 1 where one changed.")

  @Argument(help: "Result files. (default: all whole ones in Results)") var files: [String] = []
  @Flag(help: "Put a changed verdict into its file.") var write = false

  func run() throws {
    var worst = ExitStatus.done
    for file in files.isEmpty ? try Self.wholeResults(in: "Results") : files {
      let status = try SiblingExperiment.rejudge(file, isWriting: write)
      if status.rawValue > worst.rawValue { worst = status }
    }
    if worst != .done { throw worst }
  }

  private static func wholeResults(in folder: String) throws -> [String] {
    let place = URL(fileURLWithPath: folder, isDirectory: true)
    return try ResultReport.experiments(in: place).flatMap { experiment in
      try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(experiment)").sorted()
        .filter { $0.hasSuffix(".h5") }.map { "\(folder)/\(experiment)/\($0)" }
    }.filter { file in
      guard let result = try? ResultFile.read(file) else { return true }
      return result.provenance.isComplete && result.provenance.shard == nil
    }
  }
}

/// The experiment's own executable, in this one's folder: only it knows how to judge.
enum SiblingExperiment {
  /// Lets the experiment that made a result judge it again.
  ///
  /// - Returns: `done` if the verdict stays, `failed` if it changed, or what went wrong.
  /// - Throws: `ResultError` if the result is unreadable or its experiment isn't built,
  ///   `ChildProcessError`, and `ExitStatus.failed` if the experiment was ended by a signal.
  static func rejudge(_ file: String, isWriting: Bool) throws -> ExitStatus {
    let name = try ResultFile.read(file).provenance.experiment
    let executable = OwnExecutable.sibling(name)
    guard name.wholeMatch(of: /exp[0-9]+|bench/) != nil,
      FileManager.default.isExecutableFile(atPath: executable.path)
    else {
      throw ResultError(
        file: file, problem: "expected a result of an experiment that is built, found \(name)")
    }
    let status = try ChildProcess.run(
      executable, ["--rejudge", file] + (isWriting ? ["--write"] : []))
    // A signal ends the whole command, not only this file.
    guard let known = ExitStatus(rawValue: status) else { throw ExitStatus.failed }
    return known
  }
}
