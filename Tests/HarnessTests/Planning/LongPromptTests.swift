import AISHarness
import Foundation
import TestSupport
import Testing

/// An experiment that searches for plans, with a tokenizer that makes many tokens of every prompt.
@Suite(.enabled(if: RunningTool.path(of: "exp012") != nil))
struct LongPromptTests {
  @Test func plansAreSearchedForOnTheShortestPromptsThereAre() throws {
    let scratch = try ScratchFolder()
    try TalkingModel.write(to: scratch.file("tiny"))
    let lines = (0..<200).map {
      "{\"instruction\": \"What is known about the number \($0 * 7_919), and who found it first?\", "
        + "\"context\": \"\", \"response\": \"x\", \"category\": \"kind \($0 % 8)\"}\n"
    }
    try FileManager.default.createDirectory(
      at: scratch.file("data"), withIntermediateDirectories: true)
    try Data(lines.joined().utf8).write(to: scratch.file("data/\(DataFiles.dolly)"))
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
