import AISHarness
import ArgumentParser
import Foundation

/// `ais results merge`: merges the shards of one measurement into one file.
struct ResultsMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Puts shards of one measurement together into one file.",
    discussion: """
      The shards are results of one experiment, each made with --shard i/n and otherwise the same \
      settings, all n of them, in any order. The file has the rows of a run without shards, in its \
      order. It is unfinished: tables, pictures and verdict follow from all rows, and are made by \
      that run, which takes up the rows.
      """)

  @Argument(help: "The file to write; it must not exist.") var output: String
  @Argument(help: "The shards, all of them.") var shards: [String]

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
    let line = whole.provenance.makeLine ?? "the command of the shards without --shard"
    try StandardStreams.writeOutput(
      """
      \(output): \(whole.rows.count) rows of \(read.count) shards
      unfinished: where the run looks for it, as \(place(read)), \
      these rows are taken up by: \(line)

      """)
  }

  /// The path where a run without shards would write the result, from the shards' names.
  private func place(_ shards: [ResultMerge.Part]) -> String {
    let (first, label) = (shards[0].file, shards[0].result.provenance.shard?.label ?? "")
    guard first.hasSuffix("-\(label).h5") else { return "the file of its settings" }
    return first.dropLast("-\(label).h5".count) + ".h5"
  }
}
