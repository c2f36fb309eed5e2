import Foundation
import TestSupport
import Testing

/// An experiment that searches for plans, with a tokenizer that makes many tokens of every prompt.
@Suite(.enabled(if: RunningTool.path(of: "exp012") != nil))
struct LongPromptTests {
  @Test func plansAreSearchedForOnLongerPromptsIfThereAreNoShortOnes() throws {
    let scratch = try ScratchFolder()
    try TalkingModel.write(to: scratch.file("tiny"))
    try TalkingModel.writePrompts(200, to: scratch.file("data")) {
      "What is known about the number \($0 * 7_919), and who found it first?"
    }
    let tool = try RunningTool(
      "exp012",
      [
        "--model", scratch.file("tiny").path, "--processes", "1", "--pairs", "1", "--tokens", "16",
        "--out", scratch.file("out").path,
      ],
      environment: [
        "AIS_CACHE": scratch.file("cache").path, "AIS_DATA": scratch.file("data").path,
      ])
    #expect(tool.wait() == 0, "\(tool.errors)")
    #expect(tool.output.contains("not in the cache, searched for once"))
  }
}
