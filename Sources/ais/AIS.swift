import AISHarness
import ArgumentParser

/// The command-line tool: inspects and runs models, outside any experiment.
@main
struct AIS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ais", abstract: "Adaptive depth on frozen language models.",
    subcommands: [
      Inspect.self, Tokenize.self, Forward.self, Generate.self, RouteCommand.self, Calibrate.self,
      BridgeCommand.self, Exits.self, BenchCommand.self, Tune.self, Devices.self, SelfTest.self,
      Results.self, Fetch.self, FetchData.self, RandomModelCommand.self,
    ])

  static func main() { HarnessMain.run(Self.self) }
}
