import AISHarness
import ArgumentParser
import Foundation

/// `ais results merge`: shards of one measurement into one file.
struct ResultsMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Puts shards of one measurement together into one file.",
    discussion: """
      Rows follow each other in the order of the shards; one that an earlier shard has is left \
      out. Figures about a shard's whole run (summary, tables, times) cannot be merged and are \
      left behind.
      """)

  @Argument(help: "The file to write; it must not exist.") var output: String
  @Argument(help: "The shards, two or more.") var shards: [String]

  func validate() throws {
    if shards.count < 2 { throw ValidationError("expected two shards or more") }
  }

  func run() throws {
    guard !FileManager.default.fileExists(atPath: output) else {
      throw ResultError(file: output, problem: "expected a new file, found one that exists")
    }
    let read = try shards.map { (file: $0, result: try ResultFile.read($0)) }
    let whole = try ResultMerge.merge(
      read, command: (["ais", "results", "merge", output] + shards).joined(separator: " "))
    try ResultFile.write(whole, to: output)
    let count = read.reduce(0) { $0 + $1.result.rows.count }
    try StandardStreams.writeOutput(
      "\(output): \(whole.rows.count) rows of \(count) in \(read.count) shards\n")
    if read.contains(where: { ResultMerge.leavesBehind($0.result) }) {
      // A judgement may look at figures that are gone now, and take their absence for a failure.
      try StandardStreams.writeOutput(
        """
        left behind: summary, tables, figures and times, which belong to each shard's own run
        not judged; where the rows alone decide: ais results rejudge --write \(output)

        """)
      return
    }
    let status = try SiblingExperiment.rejudge(output, isWriting: true)
    // From no verdict to one is a change, and what was wanted.
    if status == .wrongRequest { throw status }
  }
}
