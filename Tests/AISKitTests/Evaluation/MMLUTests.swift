import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct MMLUTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ lines: String) throws -> [MultipleChoiceQuestion] {
    try MMLU.questions(jsonLines: folder.write(lines, as: "q.jsonl"))
  }

  @Test func linesAreReadInOrderAndBlankOnesPassedOver() throws {
    let questions = try read(
      """
      {"question": "2 + 2\\n= ?", "subject": "sums", "choices": ["3", "4"], "answer": 1}

      {"answer": 0, "choices": ["é", "", "c"], "subject": "b_c", "question": "?", "more": null}\r

      """)
    #expect(
      questions == [
        MultipleChoiceQuestion(
          question: "2 + 2\n= ?", subject: "sums", choices: ["3", "4"], answer: 1),
        MultipleChoiceQuestion(
          question: "?", subject: "b_c", choices: ["é", "", "c"], answer: 0),
      ])
  }

  @Test(arguments: [
    (#"{"question": "a", "subject": "b", "choices": ["1", "2"]"#, nil, "',' or '}'"),
    ("[1]", nil, "a JSON object"),
    (#"{"subject": "b", "choices": ["1", "2"], "answer": 0}"#, "question", "a string"),
    (
      #"{"question": " ", "subject": "b", "choices": ["1", "2"], "answer": 0}"#, "question",
      "a question"
    ),
    (
      #"{"question": "a", "subject": "", "choices": ["1", "2"], "answer": 0}"#, "subject",
      "a subject"
    ),
    (
      #"{"question": "a", "subject": "b", "choices": ["1"], "answer": 0}"#, "choices",
      "2 to 26 choices"
    ),
    (
      #"{"question": "a", "subject": "b", "choices": ["1", 2], "answer": 0}"#, "choices[1]",
      "a string"
    ),
    (
      #"{"question": "a", "subject": "b", "choices": ["1", "2"], "answer": 2}"#, "answer",
      "the index of a choice, 0 to 1"
    ),
    (
      #"{"question": "a", "subject": "b", "choices": ["1", "2"], "answer": -1}"#, "answer",
      "the index of a choice, 0 to 1"
    ),
    (
      #"{"question": "a", "subject": "b", "choices": ["1", "2"], "answer": "B"}"#, "answer",
      "an integer"
    ),
  ])
  func aWrongLineIsNamed(line: String, field: String?, expected: String) {
    let right = #"{"question": "a", "subject": "b", "choices": ["1", "2"], "answer": 0}"#
    let error = #expect(throws: DataFileError.self) { try read("\(right)\n\n\(line)\n") }
    #expect(error?.line == 3 && error?.field == field && error?.expected == expected)
    #expect(error?.description.hasPrefix(folder.path("q.jsonl") + ": line 3") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aFileWithoutQuestionsOrThatIsMissingIsAnError() {
    #expect(throws: DataFileError.self) { try read("\n \n") }
    #expect(throws: CheckpointError.self) { try read("") }
    #expect(throws: CheckpointError.self) {
      try MMLU.questions(jsonLines: folder.path("none.jsonl"))
    }
  }

  @Test(.enabled(if: ReferenceFiles.dataExists))
  func thePublishedFilesAreReadWhole() throws {
    let data = try #require(ReferenceFiles.data)
    let test = try MMLU.questions(
      jsonLines: data.appendingPathComponent("mmlu-test.jsonl").path)
    #expect(test.count == 14_042 && Set(test.map(\.subject)).count == 57)
    #expect(test.allSatisfy { $0.choices.count == 4 })
    let dev = try MMLU.questions(jsonLines: data.appendingPathComponent("mmlu-dev.jsonl").path)
    #expect(dev.count == 285)
    #expect(Dictionary(grouping: dev, by: \.subject).values.allSatisfy { $0.count == 5 })
  }
}
