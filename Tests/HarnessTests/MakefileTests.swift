import AISHarness
import ArgumentParser
import Foundation
import TestSupport
import Testing

/// Tests of what make accepts, refuses and passes on; nothing is built.
@Suite struct MakefileTests {
  private let clone: ScriptedClone

  init() throws { clone = try ScriptedClone() }

  private struct Target {
    let name: String
    let variables: [String]
  }

  /// The rows of targets.txt, except the one of variables that count everywhere.
  private static func targets() throws -> [Target] {
    let table = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("Sources/Setup/targets.txt"),
      encoding: .utf8)
    return table.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("*") }.map {
      let parts = $0.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      return Target(name: parts[0], variables: parts[1].split(separator: " ").map(String.init))
    }
  }

  private func expectRefusal(
    _ make: RunningTool, _ says: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(make.wait() == 2, sourceLocation: sourceLocation)
    #expect(make.errors.contains(says), "\(make.errors)", sourceLocation: sourceLocation)
    #expect(
      make.errors.split(separator: "\n").count == 1, "\(make.errors)",
      sourceLocation: sourceLocation)
    #expect(
      !FileManager.default.fileExists(atPath: clone.path(".build/ran")), "nothing runs",
      sourceLocation: sourceLocation)
  }

  /// Writes a fake build that leaves a mark, and fake tools that print their arguments.
  private func scriptTools(status: Int = 0) throws {
    try clone.script("Sources/Setup/build.sh", "mkdir -p .build; touch .build/ran")
    for tool in ["ais", "exp012", "exp016", "bench"] {
      try clone.script(
        ".build/release/\(tool)", #"for word; do printf '<%s>\n' "$word"; done; exit \#(status)"#)
    }
  }

  // MARK: Refusals

  @Test(arguments: [
    (["exp-016", "ALHPA=0.7"], "make exp-016 has no variable ALHPA, perhaps ALPHA"),
    (["exp-016", "aplha=0.7"], "has no variable aplha, perhaps ALPHA"),
    (["exp-016", "n=40"], "has no variable n, perhaps N"),
    (["exp-016", "k-skip=2"], "has no variable k-skip, perhaps K_SKIP"),
    (["exp-016", "WHATEVER=1"], "has no variable WHATEVER; its variables: MODEL, DTYPE"),
    (["exp-012", "ALPHA=1"], "make exp-012 has no variable ALPHA (exp-010, exp-016"),
    (["exp-016", "exp-012", "ALPHA=1"], "make exp-012 has no variable ALPHA"),
    (["test", "N=3"], "make test has no variable N"),
    (["report", "ALPHA=1"], "make report has no variable ALPHA"),
    (["clean", "V=1"], "make clean has no variable V; it takes none"),
    (["EXP=016", "setup"], "make setup has no variable EXP"),
    (["exp-016", "N="], "N is empty"),
    (["exp-016", "RESUME=maybe"], "RESUME=maybe: expected 1 or 0"),
    (["data", "SUITE=all"], "SUITE=all: expected 1 or 0, yes or no"),
    (["exp-016", "SUITE=1"], "make exp-016 has no variable SUITE (data has it)"),
    (["exp-016", "DEVICE=gpu"], "DEVICE=gpu: expected cpu or cuda"),
    (["bench-peers", "DEVICE=gpu"], "DEVICE=gpu: expected cpu or cuda"),
    (["exp-16"], "make has no target exp-16, perhaps exp-016"),
    (["exp016"], "make has no target exp016, perhaps exp-016"),
    (["exp-016", "N", "40"], "make has no target N"),
    (["diff", "A=x"], "make diff needs B"),
    // The Makefile's internal variables are not the user's.
    (["exp-016", "given=", "ALHPA=1"], "has no variable"),
    (["exp-016", "refusal=", "quoted=", "SETUP=/tmp", "TOOLS=/bin"], "has no variable"),
    (["exp-016", ".VARIABLES=", "ALHPA=1"], "has no variable"),
    (["exp-016", "MAKECMDGOALS=clean"], "has no variable MAKECMDGOALS"),
  ])
  func whatATargetDoesNotKnowIsRefusedAtOnce(arguments: [String], says: String) throws {
    try scriptTools()
    expectRefusal(try clone.make(arguments), says)
  }

  @Test(arguments: [
    (["exp-016"], "N", "N is set in the environment, where make exp-016 does not look"),
    (["exp-016"], "n", "n is set in the environment"),
    (["exp-012"], "N", "N is set in the environment, and make exp-012 has no variable N (exp-010"),
    (["bench"], "MODE", "and make bench has no variable MODE"),
    (["exp-016"], "ALHPA", "make exp-016 ALPHA=7"),
    (["setup"], "MODEL", "MODEL is set in the environment"),
    (["-e", "exp-016"], "SEED", "SEED is set in the environment"),
  ])
  func aVariableInTheEnvironmentIsRefused(
    arguments: [String], name: String, says: String
  ) throws {
    try scriptTools()
    expectRefusal(try clone.make(arguments, environment: [name: "7"]), says)
  }

  @Test func whatIsNoVariableOfTheTargetMayBeInTheEnvironment() throws {
    try scriptTools()
    let environment = ["TOKEN": "t", "AIS_DATA": "", "MODELS": "m"]
    let make = try clone.make("exp-012", "PAIRS=3", "AIS_CACHE=/x y", environment: environment)
    #expect(make.wait() == 0, "\(make.errors)")
    #expect(make.output == "<--pairs=3>\n")
    // A variable on the command line takes precedence, as always in make.
    let given = try clone.make("exp-016", "N=3", environment: ["N": "7"])
    #expect(given.output == "<--n=3>\n", "\(given.errors)")
    // Set-up fetches the target's model, never the environment's.
    try clone.script("Sources/Setup/model.sh", #"printf '<%s>\n' "$@""#)
    let data = try clone.make("test", "-n", environment: ["MODEL": "stray"])
    #expect(!data.output.contains("MODEL"))
  }

  // MARK: The device

  @Test(arguments: ["exp-012", "bench"])
  func aRunOnAGPUGetsTheKernelsCompilerFirst(target: String) throws {
    try scriptTools()
    try clone.script("Sources/Setup/cuda.sh", #"echo "compiler for $1""#)
    let make = try clone.make(target, "DEVICE=cuda")
    #expect(
      make.output == "<devices>\n<--require=cuda>\ncompiler for cuda\n<--device=cuda>\n",
      "\(make.errors)")
    let setup = try clone.make("setup", "DEVICE=cuda")
    #expect(setup.output == "compiler for cuda\n", "set-up needs no GPU: \(setup.errors)")
  }

  @Test func enginesOnAGPUAreOfTheUsersOwnPython() throws {
    try scriptTools()
    try clone.script("Sources/Setup/cuda.sh", ":")
    try clone.script("Sources/Setup/venv.sh", "echo set-up; exit 1")
    try clone.script(
      ".build/release/bench", #"for word in "$AIS_BENCH_PYTHON" "$@"; do echo "<$word>"; done"#)
    let make = try clone.make(
      "bench-peers", "DEVICE=cuda", environment: ["AIS_BENCH_PYTHON": "/own/python"])
    #expect(
      make.output == "<devices>\n<--require=cuda>\n</own/python>\n<--peers>\n<--device=cuda>\n",
      "\(make.errors)")
    let other = try clone.make("bench-peers", "DEVICE=cuda")
    #expect(!other.output.contains("set-up"), "\(other.errors)")
  }

  @Test func withoutTheDeviceNothingIsFetchedAndNothingRuns() throws {
    try scriptTools()
    try clone.script(".build/release/ais", "echo no GPU >&2; exit 2")
    try clone.script("Sources/Setup/cuda.sh", "echo compiler")
    let make = try clone.make("exp-012", "DEVICE=cuda")
    #expect(make.wait() == 2 && make.output.isEmpty, "\(make.output)")
    #expect(make.errors.hasPrefix("no GPU\n"), "\(make.errors)")
  }

  // MARK: Values are text

  private static func payloads(_ marker: String) -> [String] {
    [
      "$(shell touch \(marker))", "${shell touch \(marker)}", "$$(touch \(marker))",
      "$(touch \(marker))", "`touch \(marker)`", "'; touch \(marker); '", "\"; touch \(marker); \"",
      "; touch \(marker)", "x\ntouch \(marker)\n", "'\ntouch \(marker)\n'", "| touch \(marker)",
      "$(eval $(shell touch \(marker)))", "$(info $(shell touch \(marker)))", "a # b", "$(RESUME)",
      "$(file >\(marker),x)", "--", "-n", "\\", "\\'", "a\\\nb", "$", "$$", "  two  words",
      "$(call given,x) $(TOOLS) $@ $* %", "é … \u{1F600}",
    ]
  }

  @Test func noValueIsEverACommand() throws {
    try scriptTools()
    let marker = clone.path("marker")
    for payload in Self.payloads(marker) {
      // make itself removes blanks at a value's beginning.
      let text = String(payload.drop { $0 == " " })
      let run = try clone.make("exp-012", "MODEL=\(payload)", "OUT=\(payload)")
      #expect(run.output == "<--model=\(text)>\n<--out=\(text)>\n", "\(run.errors)")
      let diff = try clone.make("diff", "A=\(payload)", "B=\(payload)")
      #expect(diff.output == "<results>\n<diff>\n<-->\n<\(text)>\n<\(text)>\n", "\(diff.errors)")
      let report = try clone.make("report", "OUT=\(payload)")
      #expect(report.output == "<results>\n<report>\n<-->\n<\(text)>\n", "\(report.errors)")
      // Refused or not, in any place: none of it is executed.
      for words in [
        ["help", "EXP=\(payload)"], ["exp-012", "RESUME=\(payload)"],
        ["exp-012", "FOO=\(payload)"],
        ["exp-012", "given=\(payload)"], ["exp-012", "SHELL=\(payload)"],
        ["-n", "setup", "MODEL=\(payload)"], ["exp-012", "AIS_CACHE=\(payload)"],
        ["exp-012", "@=\(payload)"], ["exp-012", "MAKEFLAGS=\(payload)"], ["exp-\(payload)"],
        [payload],
      ] { _ = try clone.make(words) }
      _ = try clone.make("exp-016", environment: ["N": payload])
      _ = try clone.make("exp-012", environment: ["AIS_DATA": payload, "FOO": payload])
      #expect(!FileManager.default.fileExists(atPath: marker), "\(payload)")
    }
  }

  @Test func aDiffTakesFilesOfAnyRevision() throws {
    try scriptTools()
    let diff = try clone.make("diff", "A=a b.h5@HEAD~1", "B=a b.h5@HEAD@{1 day ago}^")
    #expect(
      diff.output
        == "<results>\n<diff>\n<-->\n<a b.h5@HEAD~1>\n<a b.h5@HEAD@{1 day ago}^>\n",
      "\(diff.errors)")
  }

  // MARK: Exit statuses

  /// make exits with the tool's own status; for 1 it prints nothing itself.
  @Test(arguments: [0, 1, 2])
  func aToolsStatusIsMakes(status: Int32) throws {
    try scriptTools(status: Int(status))
    for words in [["diff", "A=x", "B=y"], ["exp-012"], ["exp-016", "N=3"], ["bench"], ["report"]] {
      let make = try clone.make(words)
      #expect(make.wait() == status, "\(words)")
      #expect(status == 2 || make.errors.isEmpty, "\(make.errors)")
    }
  }

  @Test func aDryRunRunsNothing() throws {
    try scriptTools()
    for flag in ["-n", "-q", "-t"] {
      let make = try clone.make(flag, "exp-012", "PAIRS=3")
      #expect(make.wait() == (flag == "-q" ? 1 : 0))
      #expect(!FileManager.default.fileExists(atPath: clone.path(".build/ran")), "\(flag)")
    }
  }

  // MARK: The table

  @Test func everyTargetIsInTheTableAndMakeKnowsIt() throws {
    let makefile = try String(
      contentsOf: ReferenceFiles.repository.appendingPathComponent("Makefile"), encoding: .utf8)
    let phony = try #require(makefile.firstMatch(of: /\n\.PHONY: ((?:[^\n]*\\\n)*[^\n]*)\n/))
    let named = phony.1.split { " \\\n".contains($0) }.map(String.init)
      .filter { $0 != "$(EXPERIMENT_TARGETS)" }
    let folder = ReferenceFiles.repository.appendingPathComponent("Experiments").path
    let experiments = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.wholeMatch(of: /exp[0-9]+/) != nil }.map { "exp-\($0.dropFirst(3))" }
    #expect(experiments.count >= 7)
    #expect(try Set(Self.targets().map(\.name)) == Set(named + experiments))
  }

  /// make and the experiments accept the same variables.
  @Test func theTableListsEveryVariableOfEveryExperiment() throws {
    for target in try Self.targets() where target.name.hasPrefix("exp-") || target.name == "bench" {
      let name = target.name.replacing("exp-", with: "exp")
      guard RunningTool.path(of: name) != nil else { continue }
      let tool = try RunningTool(name, ["--describe"], environment: [:])
      #expect(tool.wait() == 0)
      let variables = tool.output.matches(of: /\n    ([A-Z][A-Z0-9_]*) </).map { String($0.1) }
      #expect(Set(variables) == Set(target.variables), "\(target.name)")
      #expect(!tool.output.contains("the experiment's own"), "\(target.name)")
      #expect(tool.output.contains("run      make \(target.name)\n"), "\(target.name)")
    }
  }

  @Test func everyCommonOptionHasItsVariable() throws {
    struct Everything: ParsableCommand {
      @OptionGroup var model: ModelOptions
      @OptionGroup var depth: DepthOptions
      @OptionGroup var data: DataOptions
      @OptionGroup var output: OutputOptions
    }
    let known = try Set(Self.targets().flatMap(\.variables))
    let options = Everything.helpMessage().matches(of: /--([a-z-]+) </).map { String($0.1) }
    #expect(options.count >= 9)
    for option in options { #expect(known.contains(ExperimentDescription.variable(option))) }
  }

  // MARK: Help

  @Test func helpFitsOnAScreenAndNeedsNoBuild() throws {
    let help = try clone.make("help")
    #expect(help.wait() == 0 && help.errors.isEmpty, "\(help.errors)")
    let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 40)
    for line in lines { #expect(line.count <= 100, "\(line)") }
    for target in try Self.targets() {
      #expect(help.output.contains("  \(target.name) "), "\(target.name)")
    }
    #expect(!FileManager.default.fileExists(atPath: clone.path(".build")))
  }

  @Test(arguments: ["016", "16", "exp016", "exp-016"])
  func helpOfOneExperimentIsItsExecutablesOwn(spelling: String) throws {
    let unbuilt = try clone.make("help", "EXP=\(spelling)")
    #expect(unbuilt.wait() == 0 && unbuilt.output.contains("make exp-016 · Validation"))
    #expect(unbuilt.output.contains("not\n  built yet") && unbuilt.output.contains(" K_SKIP "))
    try scriptTools()
    #expect(try clone.make("help", "EXP=\(spelling)").output == "<--describe>\n")
  }

  @Test(arguments: ["99", "test", "0", "exp", "016 012", "bench*", "../x", "99999999999999999999"])
  func helpOfNoExperimentListsThoseThatThereAre(spelling: String) throws {
    let help = try clone.make("help", "EXP=\(spelling)")
    #expect(help.wait() == 2)
    #expect(
      help.errors.hasPrefix("ais: EXP=\(spelling): there is no such experiment; there are: bench "),
      "\(help.errors)")
  }
}
