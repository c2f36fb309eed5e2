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
    discussion: """
      Rows are paired by the first columns that identify them, whatever their order. A file may \
      be FILE@REVISION: as it is in that commit of its git repository. Ends with 0 where the \
      results are equal within the rules, 1 where they differ.
      """)

  @Argument(help: ArgumentHelp("The result file whose rules hold.", valueName: "A"))
  var first: String
  @Argument(help: ArgumentHelp("The result file to compare with it.", valueName: "B"))
  var second: String

  func run() throws {
    let (one, other) = (try ResultAddress.read(first), try ResultAddress.read(second))
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
