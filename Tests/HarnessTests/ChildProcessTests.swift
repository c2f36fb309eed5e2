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

  /// A killed process cannot pass a signal on; its child must end all the same.
  @Test func aKilledProcessTakesItsChildAlong() async throws {
    let folder = try ResultFolder()
    let note = folder.path + "/child"
    await #expect(processExitsWith: .signal(SIGKILL)) { [note = note as String] in
      Thread.detachNewThread {
        while (try? String(contentsOfFile: note, encoding: .utf8))?.hasSuffix("\n") != true {
          usleep(1_000)
        }
        kill(getpid(), SIGKILL)
      }
      _ = try ChildProcess.run(
        URL(fileURLWithPath: "/bin/sh"), ["-c", "echo $$ > '\(note)'; exec sleep 120"])
    }
    let text = try String(contentsOfFile: note, encoding: .utf8)
    let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    defer { kill(child, SIGKILL) }
    /// True if the process is gone, or a zombie.
    func isDead() -> Bool {
      let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      return status?.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }
    for _ in 0..<500 where !isDead() { usleep(10_000) }
    #expect(isDead())
  }

  @Test func theChildHasNoSignalHeldBackAndKeepsIgnoredOnes() async {
    await #expect(processExitsWith: .success) {
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_SETMASK, &all, nil)
      signal(SIGUSR1, SIG_IGN)
      let status = try ChildProcess.run(
        URL(fileURLWithPath: "/bin/sh"),
        ["-c", "grep -q '^SigBlk:.*0000000000000000' /proc/self/status && kill -USR1 $$"])
      exit(status)
    }
  }

  /// The interrupt is sent only to this process, so the child gets it only if it is passed on.
  @Test func anInterruptReachesTheChildAndThisProcessGoesOn() async {
    await #expect(processExitsWith: .exitCode(42)) {
      // A shell may have set it to be ignored, and then no child could trap it.
      signal(SIGINT, SIG_DFL)
      let status = try ChildProcess.run(
        URL(fileURLWithPath: "/bin/sh"),
        ["-c", "trap 'exit 42' INT; kill -INT $PPID; while :; do sleep 0.01; done"])
      exit(status)
    }
  }
}

@Suite struct ChildOutputTests {
  private func output(
    _ script: String, limit: Int = 1 << 20, seconds: Double = 60
  ) throws -> ChildProcess.Output {
    try ChildProcess.output(
      of: URL(fileURLWithPath: "/bin/sh"), ["-c", script], limit: limit, seconds: seconds,
      isQuiet: true)
  }

  @Test func outputAndEndingComeBack() throws {
    let said = try output("echo a; echo b >&2; exit 3")
    #expect(said.bytes == Array("a\n".utf8) && said.ending == .exited(3))
    #expect(try output("exec head -c 300000 /dev/zero").bytes.count == 300_000)
    #expect(try output("kill -SEGV $$").ending == .killed(SIGSEGV))
    #expect("\(ChildProcess.Ending.killed(SIGSEGV))" == "signal 11, Segmentation fault")
  }

  @Test func whatSaysTooMuchOrTakesTooLongIsEnded() throws {
    #expect(try output("exec cat /dev/zero", limit: 1_000).ending == .tooMuch)
    #expect(try output("exec sleep 1000", seconds: 0.2).ending == .tooLong)
    // A child that has closed its output may still hang.
    #expect(try output("exec >&-; exec sleep 1000", seconds: 0.2).ending == .tooLong)
  }

  @Test func itReadsNothingAndIsFoundOrAnError() throws {
    #expect(try output("cat").bytes.isEmpty)
    #expect(
      message {
        _ = try ChildProcess.output(
          of: URL(fileURLWithPath: "/nowhere/tool"), [], limit: 1, seconds: 1)
      } == "/nowhere/tool: cannot run: No such file or directory")
  }

  /// If another child inherited a pipe's end, the pipe would stay open as long as that child runs.
  @Test func childrenAtTheSameTimeDoNotHoldEachOthersPipes() async throws {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<24 {
        group.addTask {
          try self.output(index % 2 == 0 ? "echo \(index)" : "sleep 0.1; echo").bytes.count
        }
      }
      for try await count in group { #expect(count > 0) }
    }
  }
}
