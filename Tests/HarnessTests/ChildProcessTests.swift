import AISHarness
import Foundation
import Testing

@Suite struct ChildProcessTests {
  private func shell(_ script: String) throws -> Int32 {
    try ChildProcess.run(URL(fileURLWithPath: "/bin/sh"), ["-c", script])
  }

  @Test func theExitStatusComesBack() throws {
    #expect(try shell("exit 0") == 0)
    #expect(try shell("exit 7") == 7)
    #expect(try shell("test \"$1\" = 'a b' && exit 3") == 1)
  }

  @Test func aDeathBySignalIsNoSuccess() throws {
    #expect(try shell("kill -KILL $$") == 128 + SIGKILL)
    #expect(try shell("kill -TERM $$") == 128 + SIGTERM)
  }

  @Test func aProgramThatIsNotThereIsAnError() {
    #expect(
      message { _ = try ChildProcess.run(URL(fileURLWithPath: "/nowhere/tool"), []) }
        == "/nowhere/tool: cannot run: No such file or directory")
  }

  /// The interrupt is for this process alone, so it reaches the child only if it is handed on.
  @Test func anInterruptReachesTheChildAndThisProcessGoesOn() async {
    await #expect(processExitsWith: .exitCode(42)) {
      // A shell may have had it ignored, and then nothing could trap it.
      signal(SIGINT, SIG_DFL)
      let status = try ChildProcess.run(
        URL(fileURLWithPath: "/bin/sh"),
        ["-c", "trap 'exit 42' INT; kill -INT $PPID; while :; do sleep 0.01; done"])
      exit(status)
    }
  }
}
