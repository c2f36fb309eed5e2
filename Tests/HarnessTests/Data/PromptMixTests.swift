import AISHarness
import ArgumentParser
import Foundation
import TestSupport
import Testing

/// Prompts that a user names in place of dolly's.
@Suite struct PromptMixTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func find(_ arguments: String...) throws -> URL? {
    let options = try DataOptions.parse(["--data", folder.url.path] + arguments)
    return try options.find(DataFiles.dolly, environment: ["AIS_CACHE": folder.path("cache")])
  }

  private func writeDolly() throws {
    // Without a line break at its end.
    let line = #"{"instruction": "Name a fish.", "context": "", "category": "open_qa"}"#
    try folder.write(line, as: DataFiles.dolly)
  }

  private func writePrograms() throws {
    let programs = [
      ("humaneval.jsonl", #"{"prompt": "def f(x):\n", "task_id": "HumanEval/0"}"#),
      ("mbpp_sanitized.jsonl", #"{"prompt": "Write a sum.", "task_id": 2}"#),
    ]
    for (name, line) in programs { try folder.write(line + "\n", as: name) }
  }

  @Test func theMixHasACategoryOfPrograms() throws {
    try writeDolly()
    try writePrograms()
    let file = try #require(try find("--prompts", "dolly+code"))
    let prompts = try DataFiles.prompts(file)
    #expect(prompts.map(\.category) == ["open_qa", "code", "code"])
    #expect(
      prompts.map(\.text) == [
        "Name a fish.", "Complete this Python function.\n\ndef f(x):\n",
        "Write a sum. Answer in Python.",
      ])
    #expect(try find("--prompts", "dolly+code") == file)
    #expect(try find() != file)
  }

  @Test func theMixFollowsItsParts() throws {
    try writeDolly()
    try writePrograms()
    let first = try #require(try find("--prompts", "dolly+code"))
    try folder.write(
      #"{"prompt": "Write a product.", "task_id": 2}"#, as: "mbpp_sanitized.jsonl")
    let second = try #require(try find("--prompts", "dolly+code"))
    #expect(first != second)
    #expect(try DataFiles.prompts(second).last?.instruction == "Write a product. Answer in Python.")
  }

  /// Runs that begin together make the same mix.
  @Test func manyMakeTheSameMixAtOnce() async throws {
    try writeDolly()
    try writePrograms()
    let files = try await withThrowingTaskGroup(of: URL?.self) { group in
      for _ in 0..<24 { group.addTask { try find("--prompts", "dolly+code") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let file = try #require(files.first ?? nil)
    #expect(files.allSatisfy { $0 == file })
    #expect(try DataFiles.prompts(file).count == 3)
  }

  @Test func aMixWithoutItsPartsIsOneLine() throws {
    try writeDolly()
    let error = #expect(throws: DataFolderError.self) { try find("--prompts", "dolly+code") }
    #expect(error?.description.contains("humaneval.jsonl") == true)
    #expect(error?.description.contains("make data SUITE=1") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aFileReplacesDolly() throws {
    try writeDolly()
    let path = try folder.write(#"{"instruction": "Sing.", "category": "music"}"#, as: "own.jsonl")
    let file = try #require(try find("--prompts", path))
    #expect(try DataFiles.prompts(file).map(\.category) == ["music"])
    let error = #expect(throws: DataFolderError.self) { try find("--prompts", path + "x") }
    #expect(error?.description.contains("no such file") == true)
  }
}
