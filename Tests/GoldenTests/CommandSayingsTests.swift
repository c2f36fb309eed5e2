import Foundation
import TestSupport
import Testing

/// Messages of `ais` and the experiments: written files, progress, and errors.
///
/// They go to standard error, so that a pipe gets only a command's output.
@Suite(.enabled(if: RunningTool.path(of: "ais") != nil)) struct CommandSayingsTests {
  private let folder: TemporaryFolder
  private let model = ReferenceFiles.repository
    .appendingPathComponent("Tests/Fixtures/families/llama-biased-linear").path

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String]) throws -> RunningTool { try run("ais", arguments) }

  private func run(_ tool: String, _ arguments: [String]) throws -> RunningTool {
    let tool = try RunningTool(
      tool, arguments, environment: ["AIS_CACHE": folder.path("cache"), "AIS_DATA": ""])
    _ = tool.wait()
    return tool
  }

  private var inputs: String {
    get throws {
      try folder.write("{\"ids\": [1, 2, 3]}\n{\"ids\": [4, 5]}\n", as: "in.jsonl")
    }
  }

  /// The path of a file with lines of 24 tokens below 30.
  private func texts(_ count: Int) throws -> String {
    let lines = (0..<count).map { text in
      let ids = (0..<24).map { (text + $0 * ($0 + text / 30)) % 30 }
      return "{\"ids\": \(ids)}"
    }
    return try folder.write(lines.joined(separator: "\n"), as: "texts.jsonl")
  }

  // MARK: What was written

  @Test func forwardSaysWhatItWrote() throws {
    let out = folder.path("o.h5")
    let tool = try run([
      "forward", "--model", model, "--input", inputs, "--hidden", "0,1", "--out", out,
    ])
    #expect(tool.wait() == 0 && tool.output.isEmpty, "\(tool.errors)")
    #expect(
      tool.errors.hasSuffix(
        "written   \(out): logits, hidden states after 2 layers of 2 inputs\n"), "\(tool.errors)")
  }

  @Test func calibrateAndExitsSayWhatTheyWrote() throws {
    let texts = try texts(150)
    let router = folder.path("r.safetensors")
    let calibrate = try run([
      "calibrate", "--model", model, "--input", texts, "--checkpoint-interval", "1",
      "--min-layers", "1", "--label-every", "1", "--router-bottleneck-dim", "4", "--out", router,
      "--json",
    ])
    #expect(calibrate.wait() == 0)
    #expect(
      calibrate.errors.hasSuffix("written   \(router): routers after 1 layers\n"),
      "\(calibrate.errors)")
    let json = try JSONSerialization.jsonObject(with: Data(calibrate.output.utf8))
    #expect(json is [String: Any])
    let out = folder.path("e.h5")
    let exits = try run([
      "exits", "--model", model, "--router", router, "--input", inputs, "--threshold", "0.8,0.5",
      "--out", out,
    ])
    #expect(exits.wait() == 0 && exits.output.isEmpty, "\(exits.errors)")
    #expect(
      exits.errors.hasSuffix(
        "written   \(out): scores of 1 routers and exits at 2 thresholds for 2 inputs\n"),
      "\(exits.errors)")
  }

  @Test func bridgeSaysWhatItWroteOnStandardErrorAlone() throws {
    let texts = try texts(200)
    let out = folder.path("b.safetensors")
    let bridge = try run([
      "bridge", "--model", model, "--input", texts, "--runs", "1", "--form", "map", "--out", out,
    ])
    #expect(bridge.wait() == 0, "\(bridge.errors)")
    #expect(bridge.errors.contains("written   \(out): bridges over 1 runs of layers, fitted in "))
    #expect(!bridge.output.contains(out))
  }

  #if DEBUG
  private static let isDebugBuild = true
  #else
  private static let isDebugBuild = false
  #endif

  @Test(.disabled(if: isDebugBuild, "measuring the machine's ceilings takes minutes in debug"))
  func benchShowsHowFarItIs() throws {
    let bench = try run([
      "bench", "--model", model, "--prefill", "8", "--decode", "4", "--batch", "1,2", "--repeats",
      "2", "--json",
    ])
    #expect(bench.wait() == 0, "\(bench.errors)")
    for part in ["ceilings", "prefill of 1: runs 3/3", "decode of 2: runs 3/3"] {
      #expect(bench.errors.contains(part), "\(bench.errors)")
    }
    #expect(bench.output.split(separator: "\n").count == 4)
    #expect(bench.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
  }

  @Test func inspectTellsTheMemoryOfEveryFormatAndTheName() throws {
    let inspect = try run(["inspect", model])
    #expect(inspect.wait() == 0)
    #expect(inspect.output.hasPrefix("Name             llama-biased-linear\n"), "\(inspect.output)")
    for format in ["f32", "bf16", "int8", "native"] {
      #expect(inspect.output.contains("Packed weights, \(format) "))
    }
  }

  // MARK: Wrong requests

  private func expectRefusal(
    _ tool: RunningTool, _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(tool.wait() == 2, sourceLocation: sourceLocation)
    #expect(tool.errors.hasPrefix(line), "\(tool.errors)", sourceLocation: sourceLocation)
    #expect(tool.errors.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
  }

  /// Each would otherwise be ignored silently, also with its default value.
  @Test(arguments: [
    ["--mode", "hard"], ["--mode=soft", "--alpha", "0.5"], ["--budget", "3"],
    ["--confidence", "0.5"], ["--confidence", "0"], ["--neighbors", "10"], ["--layers", "3"],
    ["--k-skip", "1"], ["--groups=4"], ["--threshold", "0.1"],
  ])
  func whatIsForAMapAloneIsRefusedWithoutOne(words: [String]) throws {
    let name = words[0].prefix { $0 != "=" }
    expectRefusal(
      try run(["generate", "--model", model, "--prompt", "x"] + words),
      "ais: \(name) means something with --map only")
  }

  @Test(arguments: [
    (["--temperature", "-1"], "--temperature -1.0: expected a number of at least 0"),
    (["--temperature=-1"], "--temperature -1.0: expected a number of at least 0"),
    (["--temperature", "nan"], "--temperature nan: expected a number of at least 0"),
    (["--max-tokens", "-5"], "--max-tokens -5: expected at least 0"),
    (["--top-k", "-2"], "--top-k -2: expected at least 1"),
    (["--top-p", "-0.5"], "--top-p -0.5: expected above 0 and at most 1"),
    (["--seed", "-1"], "The value '-1' is invalid for '--seed <seed>', expected at least 0"),
    (["--threads", "-1"], "--threads -1 is out of range, expected 1 to 1024"),
    (["--router", "r", "--exit-threshold", "-1"], "--exit-threshold -1.0: expected a number"),
    (["--router", "r", "--min-layers", "-1"], "--min-layers -1: expected at least 0"),
    (["--router", "r", "--compaction-threshold", "-1"], "--compaction-threshold -1.0: expected"),
  ])
  func aNumberOutOfRangeIsNamed(words: [String], line: String) throws {
    expectRefusal(
      try run(["generate", "--model", model, "--prompt", "x"] + words), "ais: \(line)")
  }

  @Test func slipsAreNamedWithWhatWasMeant() throws {
    expectRefusal(
      try run(["generat", "--prompt", "x"]),
      "ais: there is no command 'generat'; did you mean 'generate'? There are: inspect, ")
    expectRefusal(
      try run(["results", "dif", "a", "b"]),
      "ais: there is no command 'results dif'; did you mean 'diff'?")
  }

  @Test func everyToolTellsItsVersion() throws {
    for name in ["ais", "exp012", "exp024", "bench"] where RunningTool.path(of: name) != nil {
      let tool = try run(name, ["--version"])
      #expect(tool.wait() == 0 && tool.errors.isEmpty)
      #expect(tool.output.wholeMatch(of: /(\w+) [0-9]+\.[0-9]+\.[0-9]+.*\n/)?.1 ?? "" == name)
    }
  }

  @Test(arguments: [
    (
      "exp013", ["--n", "1"],
      "exp013: --n 1: expected at least 19, of which the map gets five sixths, 16"
    ),
    (
      "exp013", ["--n", "19", "--neighbors", "20"],
      "exp013: --n 19: expected at least 25, of which the map gets five sixths, 21"
    ),
    ("exp013", ["--n", "0"], "exp013: --n 0 is out of range, expected 1 to 1000000000"),
    ("exp024", ["--dtype", "int8"], "exp024: --dtype int8: expected f32, or none: bridges are"),
    ("exp024", ["--thresholds", "0.5"], "exp024: exp024 has no --thresholds: "),
    ("exp022", ["--n", "3"], "exp022: --n 3: expected full batches of 4"),
    ("exp022", ["--kv-fill", "zero"], "exp022: exp022 has no --kv-fill: "),
  ])
  func anExperimentNamesTheCause(tool: String, words: [String], line: String) throws {
    guard RunningTool.path(of: tool) != nil else { return }
    expectRefusal(try run(tool, words + ["--out", folder.path("out")]), line)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }
}
