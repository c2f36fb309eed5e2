import AISHarness
import AISKit
import ArgumentParser
import Foundation
import TestSupport
import Testing

/// An experiment that reads questions, for checks of its data.
private struct Asking: Experiment {
  static let card = ExperimentCard(
    id: "993", title: "Asking", question: "?", claim: ".", criteria: [], cost: "nothing")
  static let dataFiles = [DataFiles.mmluTest]
  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions

  struct Row: ResultRow {
    static let columns: [Column<Row>] = []
  }

  func measure(in lab: Lab<Row>) throws {}
}

@Suite struct DataFilesTests {
  private let folder: TemporaryFolder
  private let question =
    #"{"question": "a?", "subject": "b", "choices": ["1", "2"], "answer": 1}"#

  init() throws { folder = try TemporaryFolder() }

  private func find(_ name: String, isNamed: Bool = true) throws -> URL? {
    // A folder that the user names must hold some data.
    let options = try DataOptions.parse(isNamed ? ["--data", folder.url.path] : [])
    return try options.find(
      name, environment: ["AIS_CACHE": folder.path("none"), "HOME": folder.path("none")])
  }

  private func origin(_ names: [String], isNamed: Bool = true) throws -> Provenance {
    try Provenance.collect(
      experiment: "exp999", model: URL(fileURLWithPath: folder.write("m", as: "model.gguf")),
      data: names.map { ($0, try find($0, isNamed: isNamed)) }, dtype: "f32", threads: 1)
  }

  private func writeCSV(_ path: String, _ row: String) throws {
    try FileManager.default.createDirectory(
      atPath: (folder.path(path) as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true)
    try folder.write(row, as: path)
  }

  @Test func withoutFilesTheStarterSetServesAndSaysSo() throws {
    #expect(try DataFiles.prompts(find(DataFiles.dolly, isNamed: false)) == StarterData.prompts)
    let questions = try DataFiles.questions(find(DataFiles.mmluTest, isNamed: false))
    #expect(questions == StarterData.questions)
    #expect(try DataFiles.examples(find(DataFiles.mmluDev, isNamed: false)).isEmpty)
    let names = [DataFiles.dolly, DataFiles.mmluTest, DataFiles.mmluDev]
    let origin = try origin(names, isNamed: false)
    #expect(origin.dataName == "starter prompts, starter questions, no mmlu-dev.jsonl")
    #expect(
      origin.dataSHA256
        == "\(StarterData.promptsSHA256), \(StarterData.questionsSHA256), none")
  }

  @Test(
    arguments: [
      (#"{"question": "a?", "subject": "b", "choices": ["1", "2", "3"], "answer": 1}"#, "choices"),
      (#"{"question": "a?", "subject": "b", "choices": ["1", "2"], "answer": 2}"#, "answer"),
      (#"{"question": "a?", "subject": "b", "choices": ["1", "2"]}"#, "answer"),
    ])
  func aWrongQuestionIsToldBeforeAnythingIsDone(line: String, field: String) throws {
    let lines = Array(repeating: question, count: 40) + [line, question]
    let file = try folder.write(lines.joined(separator: "\n"), as: DataFiles.mmluTest)
    let outcome = HarnessMain.outcome(
      of: Asking.self,
      arguments: [
        "--model", try folder.write("m", as: "model.gguf"), "--data", folder.url.path, "--out",
        folder.path("out"),
      ])
    #expect(outcome.status == .wrongRequest)
    #expect(
      outcome.standardError?.hasPrefix("\(file): line 41, field '\(field)': expected ") == true,
      "\(outcome.standardError ?? "")")
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  @Test func filesAreReadAndNamed() throws {
    try folder.write(question, as: DataFiles.mmluTest)
    try folder.write(#"{"instruction": "a", "category": "b"}"#, as: DataFiles.dolly)
    #expect(try DataFiles.questions(find(DataFiles.mmluTest)).map(\.answer) == [1])
    #expect(
      try DataFiles.prompts(find(DataFiles.dolly))
        == [InstructionPrompt(instruction: "a", category: "b")])
    let origin = try origin([DataFiles.mmluTest])
    #expect(origin.dataName == "mmlu-test.jsonl")
    #expect(origin.dataSHA256 == SHA256.hexDigest(of: question))
  }

  @Test(arguments: ["", "data/"])
  func theOriginalLayoutOfMMLUIsFound(prefix: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("test"), withIntermediateDirectories: true)
    #expect(throws: DataFolderError.self, "a folder without questions is none") {
      try find(DataFiles.mmluTest)
    }
    try writeCSV(prefix + "test/b_test.csv", "a?,1,2,B")
    try writeCSV(prefix + "dev/b_dev.csv", "e?,1,2,A")
    let test = try find(DataFiles.mmluTest)
    #expect(try DataFiles.questions(test).map(\.question) == ["a?"])
    #expect(try DataFiles.examples(find(DataFiles.mmluDev)).map(\.question) == ["e?"])
    let first = try origin([DataFiles.mmluTest, DataFiles.mmluDev])
    #expect(first.dataName == "MMLU test (CSV), MMLU dev (CSV)")
    try writeCSV(prefix + "test/c_test.csv", "f?,1,2,A")
    let second = try origin([DataFiles.mmluTest, DataFiles.mmluDev])
    #expect(second.dataSHA256 != first.dataSHA256)
    try folder.write(question, as: DataFiles.mmluTest)
    #expect(try find(DataFiles.mmluTest)?.lastPathComponent == DataFiles.mmluTest)
  }
}
