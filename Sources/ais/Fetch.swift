import AISHarness
import ArgumentParser
import Foundation
import Hub

/// `ais fetch`: downloads a model folder from the Hugging Face hub.
struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Downloads a Hugging Face model folder into the cache and prints its path.",
    discussion: """
      Afterwards --model owner/name means that folder. HF_TOKEN opens closed models, HF_ENDPOINT \
      names another hub. A download that was cut off is resumed.
      """)

  @Argument(help: ArgumentHelp("The model, as owner/name.", valueName: "owner/name[@revision]"))
  var model: String
  @Flag(help: "Ask the hub what the revision means now, even if it was fetched before.")
  var refresh = false

  func run() throws {
    guard let model = HubModel(model) else { throw HubRequestError.badName(model) }
    let fetch = ModelFetch(model, access: try HubAccess(), say: HubLines.say)
    try StandardStreams.writeOutput(fetch.run(refresh: refresh).path + "\n")
  }
}

/// `ais data`: downloads the data files that experiments read.
struct FetchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Downloads dolly-15k and MMLU into the cache and prints the folder's path.")

  func run() throws {
    let fetch = DataFetch(access: try HubAccess(), say: HubLines.say)
    try StandardStreams.writeOutput(fetch.run().path + "\n")
  }
}

/// Prints lines about a download.
enum HubLines {
  /// Writes a line to standard error, over a progress bar if one is drawn there.
  static func say(_ line: String) {
    let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : ""
    StandardStreams.writeError("\(start)ais: \(line)\n")
  }
}
