import Foundation
import TestSupport
import Testing

/// The build scripts: an up-to-date build costs nothing, no change is missed, and an interrupt
/// loses nothing.
@Suite(.serialized) struct SetupScriptTests {
  private let clone: ScriptedClone

  /// All programs except `build.sh` and `swift.sh` are fakes: `swift` counts its calls and makes
  /// tools.
  init() throws {
    clone = try ScriptedClone()
    try clone.script("Sources/Setup/packages.sh", "")
    try clone.script(
      "bin/swift",
      """
      [ "$1" != --version ] || { cat version; exit; }
      echo "$*" >>calls
      sleep "${SLOW:-0}"
      mkdir -p .build/release
      for tool in ais exp012 exp016; do echo "$(date +%N)" >.build/release/$tool; done
      """)
    try write("version", "6.1")
    try write("Package.swift", "one")
    try write("Sources/A/a.swift", "a")
    try write("Experiments/exp012/x.swift", "x")
  }

  private func write(_ name: String, _ text: String) throws {
    let file = clone.root.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  private func start(_ environment: [String: String] = [:]) throws -> RunningTool {
    let cache = ["AIS_CACHE": clone.path("cache")]
    return try clone.start(
      "bash", ["Sources/Setup/build.sh"], environment: cache.merging(environment) { $1 })
  }

  private var calls: Int { clone.text("calls")?.split(separator: "\n").count ?? 0 }

  /// Builds, and returns whether the compiler was called.
  private func builds() throws -> Bool {
    let before = calls
    let build = try start()
    #expect(build.wait() == 0, "\(build.errors)")
    return calls > before
  }

  @Test func whatHasNotChangedIsNotBuiltAgain() throws {
    #expect(try builds())
    #expect(clone.text("calls") == "build -c release\n")
    #expect(try !builds())
    #expect(try !builds())
  }

  @Test func everyChangeIsBuilt() throws {
    let files = FileManager.default
    #expect(try builds())
    let changes: [(String, () throws -> Void)] = [
      ("edited", { try write("Sources/A/a.swift", "b") }),
      ("added", { try write("Sources/A/b.swift", "") }),
      (
        "renamed",
        {
          try files.moveItem(
            atPath: clone.path("Sources/A/b.swift"), toPath: clone.path("Sources/A/c.swift"))
        }
      ),
      ("removed", { try files.removeItem(atPath: clone.path("Sources/A/c.swift")) }),
      ("the package", { try write("Package.swift", "two") }),
      ("an experiment", { try write("Experiments/exp012/x.swift", "y") }),
      ("the compiler", { try write("version", "6.2") }),
      ("a tool gone", { try files.removeItem(atPath: clone.path(".build/release/exp016")) }),
      ("a tool replaced", { try write(".build/release/ais", "other") }),
      (
        "older content with its old time",
        {
          let path = clone.path("Sources/A/a.swift")
          let time = try files.attributesOfItem(atPath: path)[.modificationDate] ?? Date()
          try write("Sources/A/a.swift", "c")
          try files.setAttributes([.modificationDate: time], ofItemAtPath: path)
        }
      ),
    ]
    for (name, change) in changes {
      try change()
      #expect(try builds(), "\(name)")
      #expect(try !builds(), "\(name), once")
    }
  }

  @Test func aBuildThatFailedIsTriedAgain() throws {
    try clone.script("bin/swift", "[ \"$1\" != --version ] || exit 0; echo x >>calls; exit 1")
    for count in 1...2 {
      let build = try start()
      #expect(build.wait() == 1)
      #expect(calls == count)
    }
  }

  /// A file edited while the compiler runs may not be in its output.
  @Test func whatChangesDuringABuildIsBuiltByTheNext() throws {
    let build = try start(["SLOW": "1"])
    build.wait { calls == 1 }
    try write("Sources/A/a.swift", "edited")
    #expect(build.wait() == 0)
    #expect(try builds())
    #expect(try !builds())
  }

  @Test func buildsAtTheSameTimeAreOne() throws {
    let builds = try (0..<4).map { _ in try start(["SLOW": "0.5"]) }
    for build in builds { #expect(build.wait() == 0, "\(build.errors)") }
    #expect(calls == 1)
  }

  /// The compiler's driver records its state only if a compiler fails, not if it is killed itself.
  @Test(arguments: [SIGINT, SIGTERM])
  func anInterruptEndsTheCompilersAndLetsTheBuildEnd(signal: Int32) throws {
    try clone.script(
      "bin/swift",
      """
      [ "$1" != --version ] || exit 0
      echo started >>calls
      sh -c 'sleep 300 & wait'
      echo "noted $?" >noted
      exit 1
      """)
    let build = try clone.start(
      "bash", ["Sources/Setup/swift.sh", "build"], environment: ["AIS_CACHE": clone.path("cache")])
    build.wait { calls == 1 }
    usleep(300_000)
    #expect(build.end(signal) == 130, "\(build.errors)")
    #expect(clone.text("noted")?.hasPrefix("noted") == true)
    #expect(build.errors.contains("what has been compiled so far is kept"))
  }

  @Test func otherCommandsOfSwiftGetTheirSignalsThemselves() throws {
    try clone.script("bin/swift", "echo \"$*\"; exit 3")
    let format = try clone.start(
      "bash", ["Sources/Setup/swift.sh", "format", "a b"],
      environment: ["AIS_CACHE": clone.path("cache")])
    #expect(format.wait() == 3 && format.output == "format a b\n")
  }
}
