import AISHarness
import ArgumentParser

/// `ais results`: works on stored results, without any model.
struct Results: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares, reports, judges and merges result files.",
    subcommands: [
      ResultsDiff.self, ResultsReport.self, ResultsRejudge.self, ResultsMerge.self,
    ])
}

/// `ais results diff`: the differences between two results.
struct ResultsDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Says what moved between two result files, by the columns' own rules.",
    discussion: "Ends with 0 where they are equal within the rules, 1 where they differ.")

  @Argument(help: "The result file whose rules hold.") var first: String
  @Argument(help: "The result file to compare with it.") var second: String

  func run() throws {
    let (one, other) = (try ResultFile.read(first), try ResultFile.read(second))
    let (expected, found) = (one.provenance.experiment, other.provenance.experiment)
    guard expected == found else {
      throw ResultError(
        file: second,
        problem: "expected a result of \(expected), as \(first) is, found one of \(found)")
    }
    let diff = ResultDiff(one, other)
    try StandardStreams.writeOutput(diff.text + "\n")
    if !diff.isEqual { throw ExitStatus.failed }
  }
}
