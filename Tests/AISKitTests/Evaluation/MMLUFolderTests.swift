import AISKit
import Foundation
import TestSupport
import Testing

@Suite struct MMLUFolderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for part in ["test", "dev"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(part), withIntermediateDirectories: true)
    }
  }

  private func read(_ rows: String, part: MMLU.Part = .test) throws -> [MultipleChoiceQuestion] {
    try folder.write(rows, as: "\(part)/sums_\(part).csv")
    return try MMLU.questions(csvFolder: folder.url.path, part: part)
  }

  @Test func fieldsInQuotationMarksHoldAnything() throws {
    let questions = try read(
      "\u{FEFF}\"He said \"\"4,\r\n5\"\"\",a \"b\" c,\"\",\"x,y\", z ,C\r\n"
        + "\n\"next\",1,2,3,4, D \rlast,é,2,3,4,A")
    #expect(
      questions == [
        MultipleChoiceQuestion(
          question: "He said \"4,\r\n5\"", subject: "sums",
          choices: ["a \"b\" c", "", "x,y", " z "], answer: 2),
        MultipleChoiceQuestion(
          question: "next", subject: "sums", choices: ["1", "2", "3", "4"], answer: 3),
        MultipleChoiceQuestion(
          question: "last", subject: "sums", choices: ["é", "2", "3", "4"], answer: 0),
      ])
  }

  @Test(arguments: [
    ("\"a\nb,1,2,A\n", 3, "column 1", "a closing quotation mark"),
    ("q,\"1\"x,2,A\n", 3, "column 2", "',' or the end of the line after a closing quotation mark"),
    ("\"q\n\",1,2,3,A\n", 3, nil, "4 columns, as on line 1"),
    ("q,1,2,E\n", 3, "answer", "a letter from A to B"),
    ("q,1,2,a\n", 3, "answer", "a letter from A to B"),
    ("q,1,2,\n", 3, "answer", "a letter from A to B"),
    (" ,1,2,A\n", 3, "question", "a question"),
    ("q,A\n", 3, nil, "a question, 2 to 26 choices and a letter"),
  ])
  func aWrongRowIsNamed(row: String, line: Int, field: String?, expected: String) {
    let error = #expect(throws: DataFileError.self) { try read("\"q\n\",1,2,B\n" + row) }
    #expect(error?.line == line && error?.field == field && error?.expected == expected)
    #expect(error?.file == folder.path("test/sums_test.csv"))
    #expect(error?.description.contains("\n") == false)
  }

  @Test func bytesThatAreNoTextAreAnError() throws {
    try folder.write([0x71, 0xFF, 0x2C, 0x31], as: "test/sums_test.csv")
    let error = #expect(throws: DataFileError.self) {
      try MMLU.questions(csvFolder: folder.url.path, part: .test)
    }
    #expect(error?.expected == "UTF-8" && error?.field == "column 1")
  }

  @Test func subjectsComeInAlphabeticalOrderAndPartsApart() throws {
    for subject in ["b_long", "b", "a"] {
      try folder.write("\(subject)?,1,2,A", as: "test/\(subject)_test.csv")
    }
    try folder.write("d?,1,2,A", as: "dev/d_dev.csv")
    try folder.write("no", as: "test/readme.txt")
    let test = try MMLU.questions(csvFolder: folder.url.path, part: .test)
    #expect(test.map(\.subject) == ["a", "b", "b_long"])
    #expect(test.map(\.question) == ["a?", "b?", "b_long?"])
    #expect(try MMLU.questions(csvFolder: folder.url.path, part: .dev).map(\.subject) == ["d"])
    let error = #expect(throws: DataFileError.self) {
      try MMLU.questions(csvFolder: folder.url.path, part: .val)
    }
    #expect(error?.file == folder.path("val") && error?.found == "no such folder")
  }

  @Test(.enabled(if: ReferenceFiles.dataExists))
  func bothLayoutsSayTheSame() throws {
    let data = try #require(ReferenceFiles.data)
    let questions = try MMLU.questions(
      jsonLines: data.appendingPathComponent("mmlu-test.jsonl").path)
    let groups = Dictionary(grouping: questions, by: \.subject)
    for (subject, group) in groups {
      let rows = group.map { question in
        let fields =
          [question.question] + question.choices + [["A", "B", "C", "D"][question.answer]]
        return fields.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
      }
      try folder.write(rows.joined(separator: "\r\n"), as: "test/\(subject)_test.csv")
    }
    let sorted = groups.sorted { $0.key < $1.key }.flatMap(\.value)
    #expect(try MMLU.questions(csvFolder: folder.url.path, part: .test) == sorted)
  }
}
