import AISHarness
import ArgumentParser
import Foundation

/// `ais results report`: makes every page, every picture and the index from the result files.
struct ResultsReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes every page and picture again, from the result files.")

  @Argument(help: "The folder that holds expNNN/.") var folder = "Results"

  func run() throws {
    let place = URL(fileURLWithPath: folder, isDirectory: true)
    for page in try ResultReport.pages(in: place) {
      let report = try ResultReport.write(page, in: place)
      let pictures = report.figures.count
      try StandardStreams.writeOutput(
        report.page.relativePath
          + (pictures == 0 ? "\n" : ", \(pictures) picture\(pictures == 1 ? "" : "s")\n"))
      report.sayRemarks()
    }
    try StandardStreams.writeOutput(try ResultIndex.write(in: place).relativePath + "\n")
  }
}
