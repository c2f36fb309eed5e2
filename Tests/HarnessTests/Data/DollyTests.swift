import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct DollyTests {
  private func read(_ lines: String) throws -> [InstructionPrompt] {
    let folder = try TemporaryFolder()
    return try Dolly.prompts(jsonLines: folder.write(lines, as: "d.jsonl"))
  }

  @Test func aTextIsTheInstructionAndTheWholeContext() {
    let long = String(repeating: "word ", count: 10_000)
    func text(_ context: String) -> String {
      InstructionPrompt(instruction: "Do it.", context: context, category: "c").text
    }
    #expect(text("") == "Do it." && text(" \n\t") == "Do it.")
    #expect(text(" a ") == "Do it.\n\n a ")
    #expect(text(long) == "Do it.\n\n" + long)
    #expect(
      InstructionPrompt(instruction: "a", category: "c").split == Split.of("a"))
  }

  @Test func ofEqualTextsTheFirstIsKept() throws {
    let prompts = try read(
      """
      {"instruction": "a", "context": "", "response": "1", "category": "open_qa"}
      {"instruction": "b", "context": "c", "response": "2", "category": "closed_qa"}
      {"instruction": "a", "context": "  ", "response": "3", "category": "general_qa"}
      {"instruction": "b\\n\\nc", "context": null, "response": "4", "category": "general_qa"}
      {"instruction": "b", "response": "5", "category": "general_qa"}
      """)
    #expect(
      prompts == [
        InstructionPrompt(instruction: "a", category: "open_qa"),
        InstructionPrompt(instruction: "b", context: "c", category: "closed_qa"),
        InstructionPrompt(instruction: "b", category: "general_qa"),
      ])
  }

  @Test(arguments: [
    (#"{"context": "", "category": "c"}"#, "instruction"),
    (#"{"instruction": " ", "context": "", "category": "c"}"#, "instruction"),
    (#"{"instruction": "a", "context": "", "category": ""}"#, "category"),
    (#"{"instruction": "a", "context": ["x"], "category": "c"}"#, "context"),
    (#"{"instruction": "a", "#, nil),
  ])
  func aWrongLineIsNamed(line: String, field: String?) {
    let right = #"{"instruction": "a", "context": "", "category": "c"}"#
    let error = #expect(throws: DataFileError.self) { try read(right + "\n" + line) }
    #expect(error?.line == 2 && error?.field == field)
  }

  /// Counted with a separate reader: 15,011 lines, of which 187 repeat an earlier text.
  @Test(.enabled(if: ReferenceFiles.dataExists))
  func thePublishedFileIsReadWhole() throws {
    let data = try #require(ReferenceFiles.data)
    let prompts = try Dolly.prompts(
      jsonLines: data.appendingPathComponent("databricks-dolly-15k.jsonl").path)
    #expect(prompts.count == 14_824)
    #expect(Set(prompts.map(\.text)).count == prompts.count)
    #expect(Set(prompts.map(\.category)) == Set(StarterData.prompts.map(\.category)))
  }
}
