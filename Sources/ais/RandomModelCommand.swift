import AISHarness
import ArgumentParser
import Foundation

/// `ais random-model`: makes a model folder with random weights.
struct RandomModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "random-model",
    abstract: "Makes a model folder of a known shape with random weights, and prints its path.",
    discussion: """
      It serves to measure times without a download; its answers mean nothing. Without --into the \
      folder lies in the cache, and is made once. Afterwards --model random:SHAPE means that folder.
      """)

  @Option(
    help: ArgumentHelp(
      "The sizes: 135m (SmolLM2), 1.5b (Qwen 2.5), 3b (Llama 3.2), 8b (Llama 3.1).",
      valueName: "name"))
  var shape: String
  @Option(help: ArgumentHelp("The folder to make. (default: in the cache)", valueName: "folder"))
  var into: String?
  @Option(help: "Layers, if not as many as the shape has.") var layers: Int?
  @Option(help: "Where random draws start.") var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp(
      "Also write exit routers with random weights, for --router.", valueName: "file"))
  var routers: String?

  func validate() throws {
    if into?.isEmpty == true { throw ValidationError("--into '': expected a folder") }
    if routers?.isEmpty == true { throw ValidationError("--routers '': expected a file") }
  }

  func run() throws {
    let model = try RandomModel(shape: shape, layers: layers, seed: seed)
    let folder: URL
    if let into {
      folder = URL(fileURLWithPath: into)
      try model.write(into: folder)
    } else {
      folder = try model.folder()
    }
    if let routers {
      try RandomRouters(shape: shape, layers: layers, seed: seed).write(to: routers)
    }
    try StandardStreams.writeOutput(folder.path + "\n")
  }
}
