import AISHarness
import AISKit
import ArgumentParser
import TestSupport
import Testing

@Suite("AIS_ISA")
struct InstructionSetTests {
  private struct Idle: ParsableCommand {
    func run() throws {}
  }

  @Test(arguments: ["sse9", "AVX2", "avx2 ", "avx512bf16", "0"])
  func anUnknownNameIsRefusedInOneLine(name: String) {
    let outcome = HarnessMain.outcome(
      of: Idle.self, arguments: [], environment: ["AIS_ISA": name])
    #expect(outcome.status == .wrongRequest)
    #expect(
      outcome.standardError
        == "AIS_ISA: expected one of reference, avx2, avx512, found '\(name)'")
  }

  @Test func anInstructionSetThatTheProcessorLacksIsRefusedWithThoseThatItHas() {
    let error = #expect(throws: InstructionSetError.self) {
      try InstructionSet.check(
        environment: ["AIS_ISA": "avx512"], supported: ["reference", "avx2"])
    }
    #expect(
      error?.description
        == "AIS_ISA: expected what this processor has: reference, avx2, found 'avx512'")
  }

  @Test func whatTheProcessorHasIsTaken() {
    #expect(InstructionSet.supported.first == "reference")
    #expect(InstructionSet.supported.contains(Threads.instructionSet))
    for name in InstructionSet.supported + [""] {
      let outcome = HarnessMain.outcome(
        of: Idle.self, arguments: [], environment: ["AIS_ISA": name])
      #expect(outcome.status == .done, "\(name)")
    }
    #expect(HarnessMain.outcome(of: Idle.self, arguments: [], environment: [:]).status == .done)
  }

  @Test(arguments: [
    ("ais", ["inspect"]), ("exp012", []), ("exp024", []), ("bench", []),
    ("exp012", ["--rejudge", "none.h5"]),
  ])
  func everyToolRefusesIt(tool: String, arguments: [String]) throws {
    guard RunningTool.path(of: tool) != nil else { return }
    let running = try RunningTool(tool, arguments, environment: ["AIS_ISA": "sse9"])
    #expect(running.wait() == 2)
    #expect(
      running.errors == "\(tool): AIS_ISA: expected one of reference, avx2, avx512, found 'sse9'\n")
  }
}
