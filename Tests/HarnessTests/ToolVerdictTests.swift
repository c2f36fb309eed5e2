import AISHarness
import Foundation
import TestSupport
import Testing

/// Verdicts by the experiments' own executables.
@Suite(.enabled(if: RunningTool.path(of: "exp015") != nil)) struct ToolVerdictTests {
  private func run(_ tool: String, _ arguments: String...) throws -> (Int32?, String, String) {
    let tool = try RunningTool(tool, arguments, environment: [:])
    let status = tool.wait()
    return (status, tool.output, tool.errors)
  }

  private func committed(_ name: String) -> String {
    ReferenceFiles.repository.appendingPathComponent("Results/\(name)").path
  }

  /// One process does not decide a criterion that needs five, whatever its interval says.
  @Test func aCriterionWhoseConditionIsNotMetIsOpen() throws {
    let (_, output, _) = try run(
      "exp017", "--rejudge",
      committed("exp017/SmolLM2-135M-Instruct.Q4_1-bf16-letter-hard.h5"))
    #expect(output.contains("→ inconclusive: overhead: −0.09 % [−1.02 %, 0.85 %], n = 1 process;"))
    #expect(output.contains("asked: ≤ 2.00 %; 1 process, at least 5 needed"))
  }

  /// The look-up's time does not affect the verdict on accuracy.
  @Test func accuracyIsNotRefutedByAStopwatch() throws {
    let (_, output, _) = try run(
      "exp017", "--rejudge",
      committed("exp017/SmolLM2-135M-Instruct.Q4_1-bf16-cloze-hard.h5"))
    let lines = output.split(separator: "\n")
    #expect(
      lines.contains { $0.contains("accuracy: ") && $0.contains("→ inconclusive: not worse") })
    #expect(
      lines.contains { $0.contains("time: ") && $0.contains("→ inconclusive: overhead: 3.82 %") })
    #expect(output.contains("n = 57 subjects") && output.contains("n = 5 processes;"))
  }

  @Test(arguments: [("f32", "0.002"), ("bf16", "1.0"), ("int8", "4.0"), ("native", "4.0")])
  func aCardSaysTheToleranceOfTheFormatAtHand(format: String, tolerance: String) throws {
    let (status, output, errors) = try run(
      "exp012", "--dtype", format, "--model", "/nowhere/model.gguf")
    #expect(status == 2 && errors.contains("/nowhere/model.gguf"))
    #expect(output.contains("full-plan logits in \(format) within \(tolerance) of plain loops"))
  }

  @Test func resultsOfDifferentExperimentsAreNotCompared() throws {
    let (status, output, errors) = try run(
      "ais", "results", "diff", committed("exp013/SmolLM2-135M-Instruct.Q4_1-bf16.h5"),
      committed("exp014/SmolLM2-135M-Instruct.Q4_1-bf16.h5"))
    #expect(status == 2 && output.isEmpty)
    #expect(errors.split(separator: "\n").count == 1)
    #expect(
      errors.contains("expected a result of exp013") && errors.contains("found one of exp014"))
  }
}
