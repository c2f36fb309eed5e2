import AISHarness
import AISKit
import ArgumentParser
import Foundation
import Testing

private struct Probe: ParsableCommand {
  @OptionGroup var model: ModelOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions
  @Flag var failing = false
  @Flag var refusing = false

  struct Failure: Error, CustomStringConvertible { let description = "it broke\nin two lines" }
  struct Refusal: InputError { let description = "no such thing" }

  func run() throws {
    if failing { throw Failure() }
    if refusing { throw Refusal() }
  }
}

@Suite struct OptionsTests {
  private func parse(_ arguments: String...) throws -> Probe {
    let command = try Probe.parseAsRoot(arguments)
    return try #require(command as? Probe)
  }

  @Test func unsetOptionsHaveTheDefaults() throws {
    let probe = try parse()
    #expect(probe.model.model == "smollm2-135m" && probe.model.dtype == .f32)
    #expect(probe.model.threadCount >= 1)
    #expect(probe.depth.mode == .hard && probe.depth.softAlpha == 0.7)
    #expect(probe.data.count == nil && probe.data.seed == 17)
    #expect(probe.output.out == "Results" && probe.output.resume)
  }

  @Test func optionsAreTaken() throws {
    let probe = try parse(
      "--model", "a b.gguf", "--dtype", "bf16", "--threads", "2", "--mode", "soft",
      "--alpha=0.25", "--data", "d", "--n", "12", "--seed", "3", "--out", "o", "--no-resume")
    #expect(probe.model.model == "a b.gguf" && probe.model.dtype == .bf16)
    #expect(probe.model.threadCount == 2)
    #expect(probe.depth.mode == .soft && probe.depth.softAlpha == 0.25)
    #expect(probe.data.count == 12 && probe.data.seed == 3)
    #expect(probe.output.folder.lastPathComponent == "o" && !probe.output.resume)
  }

  @Test(arguments: [
    (["--alpha", "0.5"], "--alpha means something with --mode soft only, not hard"),
    (["--mode", "soft", "--alpha", "1.5"], "--alpha 1.5 is out of range, expected 0 to 1"),
    (["--mode", "soft", "--alpha", "nan"], "--alpha nan is out of range, expected 0 to 1"),
    (["--threads", "0"], "--threads 0 is out of range, expected 1 to 1024"),
    (["--n", "0"], "--n 0 is out of range, expected 1 to 1000000000"),
    (["--n", "-3"], "--n -3 is out of range, expected 1 to 1000000000"),
    (["--n=-3"], "--n -3 is out of range, expected 1 to 1000000000"),
    (["--mode", "soft", "--alpha", "-.5"], "--alpha -0.5 is out of range, expected 0 to 1"),
    (["--mode", "soft", "--alpha", "-1e3"], "--alpha -1000.0 is out of range, expected 0 to 1"),
    (["--seed", "-1"], "The value '-1' is invalid for '--seed <seed>', expected at least 0"),
    (["--n", "1.5"], "The value '1.5' is invalid for '--n <n>', expected a whole number"),
    (["--refusing"], "no such thing"),
  ])
  func wrongRequestsAreOneLineAndStatusTwo(arguments: [String], line: String) {
    let outcome = HarnessMain.outcome(of: Probe.self, arguments: arguments)
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError == line)
    #expect(outcome.standardOutput == nil)
  }

  @Test(arguments: [
    ["--no-such-flag"], ["--dtype", "f64"], ["--n", "x"], ["--mode"], ["--seed", "-1"], ["extra"],
  ])
  func whatCannotBeParsedIsStatusTwoInOneLine(arguments: [String]) throws {
    let outcome = HarnessMain.outcome(of: Probe.self, arguments: arguments)
    #expect(outcome.status == .wrongRequest)
    let line = try #require(outcome.standardError)
    #expect(!line.isEmpty && !line.contains("\n"))
  }

  @Test func aFailedRunIsStatusOneAndHelpIsNoFailure() {
    let failed = HarnessMain.outcome(of: Probe.self, arguments: ["--failing"])
    #expect(failed.status == .failed && failed.standardError == "it broke in two lines")
    let help = HarnessMain.outcome(of: Probe.self, arguments: ["--help"])
    #expect(help.status == .done && help.standardOutput?.contains("--alpha") == true)
    #expect(HarnessMain.outcome(of: Probe.self, arguments: []).status == .done)
  }

  @Test func dataIsLookedForInTheFolderGivenThenAISDataThenTheCache() throws {
    let scratch = try ScratchFolder()
    for folder in ["cache/data", "shared", "mine"] {
      try FileManager.default.createDirectory(
        at: scratch.file(folder), withIntermediateDirectories: true)
      // A folder that the user names must hold some data, not all.
      if folder != "cache/data" { try put(DataFiles.mmluDev, in: folder, scratch) }
    }
    let environment = [
      "AIS_DATA": scratch.file("shared").path, "AIS_CACHE": scratch.file("cache").path,
    ]
    func find() throws -> String? {
      try parse("--data", scratch.file("mine").path).data
        .find(DataFiles.dolly, environment: environment)?.deletingLastPathComponent().path
    }
    #expect(try find() == nil)
    for folder in ["cache/data", "shared", "mine"] {
      try put(DataFiles.dolly, in: folder, scratch)
      #expect(try find() == scratch.file(folder).path)
    }
  }

  private func put(_ name: String, in folder: String, _ scratch: ScratchFolder) throws {
    try Data().write(to: scratch.file(folder).appendingPathComponent(name))
  }

  /// Going on with other data than was asked for would be worse than stopping.
  @Test func aFolderWithoutDataIsRefusedHoweverItWasNamed() throws {
    let scratch = try ScratchFolder()
    let empty = scratch.file("empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    try put("notes.txt", in: "empty", scratch)
    let missing = scratch.file("missing").path
    func problem(_ arguments: [String], _ shared: String) throws -> String? {
      let probe = try #require(try Probe.parseAsRoot(arguments) as? Probe)
      let environment = ["AIS_DATA": shared, "AIS_CACHE": scratch.file("cache").path]
      return #expect(throws: DataFolderError.self) {
        try probe.data.find(DataFiles.dolly, environment: environment)
      }?.description
    }
    let (folder, file) = (empty.path, empty.path + "/notes.txt")
    let looked =
      "\(folder): expected \(DataFiles.dolly), \(DataFiles.mmluTest), \(DataFiles.mmluDev), or"
    #expect(try problem(["--data", missing], "") == "--data \(missing): no such folder")
    #expect(try problem(["--data", ""], "") == "--data : no such folder")
    #expect(try problem(["--data", file], "") == "--data \(file): no such folder")
    #expect(try problem(["--data", folder], "")?.hasPrefix("--data \(looked)") == true)
    #expect(try problem([], missing) == "AIS_DATA \(missing): no such folder")
    #expect(try problem([], folder)?.hasPrefix("AIS_DATA \(looked)") == true)
  }
}
