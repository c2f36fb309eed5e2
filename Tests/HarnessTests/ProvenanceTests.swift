import AISHarness
import Foundation
import TestSupport
import Testing

@Suite struct ProvenanceTests {
  @Test func theProcessorTableIsReadForItsFirstProcessor() {
    let facts = MachineFacts(
      processorTable: """
        processor\t: 0
        model name\t: Example CPU @ 2 GHz: the one
        flags\t\t: fpu amx_bf16 avx avx2 avx512f xyz fma

        processor\t: 1
        model name\t: Another
        """)
    #expect(facts.cpuModel == "Example CPU @ 2 GHz: the one")
    #expect(facts.isa == "avx fma avx2 avx512f amx_bf16")
    let nothing = MachineFacts(processorTable: "")
    #expect(nothing.cpuModel == "unknown" && nothing.isa == "")
  }

  @Test func aFolderOutsideAnyRepositoryHasNoCommitAndCountsAsDirty() throws {
    let scratch = try ScratchFolder()
    let state = RepositoryState.of(folder: scratch.url)
    #expect(state.commit == "unknown" && state.isDirty)
  }

  @Test func codeThatChangesIsDirtyAndResultsAreNot() throws {
    let scratch = try ScratchFolder()
    func git(_ arguments: String...) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments =
        ["git", "-C", scratch.url.path, "-c", "user.name=a", "-c", "user.email=a@b.example"]
        + arguments
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }
    try git("init", "-q")
    try "let a = 1".write(to: scratch.file("a.swift"), atomically: true, encoding: .utf8)
    try git("add", ".")
    try git("commit", "-q", "-m", "one")
    let clean = RepositoryState.of(folder: scratch.url)
    #expect(clean.commit.count == 40 && !clean.isDirty)
    let results = scratch.file("Results")
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    try "# 1".write(
      to: results.appendingPathComponent("exp001.md"), atomically: true, encoding: .utf8)
    #expect(RepositoryState.of(folder: scratch.url) == clean)
    try "let a = 2".write(to: scratch.file("a.swift"), atomically: true, encoding: .utf8)
    #expect(RepositoryState.of(folder: results).isDirty)
  }

  @Test func loadedLibrariesNameThemselves() {
    let versions = LibraryVersions.loaded().joined(separator: ", ")
    #expect(versions.contains(/HDF5 \d+\.\d+\.\d+/))
    #expect(versions.contains(/oneDNN \d+\.\d+\.\d+/))
    #expect(versions.contains(/OpenBLAS \d+\.\d+/))
  }
}
