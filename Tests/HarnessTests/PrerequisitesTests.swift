import AISHarness
import Foundation
import TestSupport
import Testing

@Suite struct PrerequisitesTests {
  private let scratch: ScratchFolder
  private let prerequisites: Prerequisites

  init() throws {
    scratch = try ScratchFolder()
    prerequisites = Prerequisites(
      folders: [scratch.file("out"), scratch.file("Results")],
      fileNames: ["m-f32.h5", "m-bf16.h5"], modelSHA256: "aa", promptsSHA256: "bb",
      arguments: [])
  }

  private func file(_ folder: String, _ dtype: String = "f32") -> String {
    scratch.file("\(folder)/exp015/m-\(dtype).h5").path
  }

  private func write(
    in folder: String, _ dtype: String = "f32", _ change: (inout Provenance) -> Void = { _ in }
  ) throws {
    var origin = Provenance.sample()
    origin.isComplete = true
    change(&origin)
    try FileManager.default.createDirectory(
      at: scratch.file("\(folder)/exp015"), withIntermediateDirectories: true)
    try ResultFile.write(
      StoredResult(provenance: origin, columns: [], rows: []), to: file(folder, dtype))
  }

  private func problem() -> String? {
    #expect(throws: ResultError.self) { try prerequisites.result("015") }?.description
  }

  @Test func theFirstFolderThatHasAFittingResultGivesIt() throws {
    try write(in: "Results", "f32") { $0.command = "second" }
    let fallback = try prerequisites.result("015")
    #expect(fallback.file == file("Results") && fallback.result.provenance.command == "second")
    try write(in: "out", "f32") { $0.modelSHA256 = "ab" }
    #expect(try prerequisites.result("015").file == file("Results"))
    try write(in: "out")
    #expect(try prerequisites.result("015").file == file("out"))
  }

  @Test func anotherNumberFormatServesWhereTheRunsOwnIsMissing() throws {
    try write(in: "Results", "bf16")
    #expect(try prerequisites.result("015").file == file("Results", "bf16"))
    try write(in: "Results")
    #expect(try prerequisites.result("015").file == file("Results"))
  }

  @Test func whatIsMissingSaysWhatMakesIt() {
    #expect(problem() == "\(file("out")): is missing; make exp-015 makes it")
  }

  @Test(arguments: ["out", "Results"])
  func whatDoesNotFitIsNamedWithItsFile(folder: String) throws {
    let cases: [((inout Provenance) -> Void, String)] = [
      ({ $0.isComplete = false }, "is unfinished"),
      ({ $0.modelSHA256 = "ab" }, "model_sha256: expected aa, found ab"),
      ({ $0.dataSHA256 = "bc" }, "data_sha256: expected bb, found bc"),
    ]
    for (change, reason) in cases {
      try write(in: folder, "f32", change)
      #expect(problem() == "\(file(folder)): \(reason)")
    }
  }

  @Test func aDamagedResultIsAnErrorThatNamesIt() throws {
    try write(in: "out")
    try Data("text".utf8).write(to: URL(fileURLWithPath: file("out")))
    let text = try #require(problem())
    #expect(text.hasPrefix(file("out") + ": ") && !text.contains("\n"))
  }

  @Test func whatIsThereDoesNotRunAgain() throws {
    try write(in: "Results")
    var said: [String] = []
    try prerequisites.ensure(["015"]) { said.append($0) }
    try prerequisites.ensure([]) { said.append($0) }
    #expect(said.isEmpty)
  }

  @Test func anExperimentThatCannotRunEndsTheOneThatNeedsIt() throws {
    var said: [String] = []
    let error = #expect(throws: ChildProcessError.self) {
      try prerequisites.ensure(["997"]) { said.append($0) }
    }
    #expect(error?.executable.hasSuffix("/exp997") == true)
    #expect(said.count == 1 && said[0].contains("exp997"))
  }
}
