import AISHarness
import AISKit
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
    let repository = try ScratchRepository()
    try repository.write("let a = 1", as: "a.swift")
    try repository.commit()
    let clean = RepositoryState.of(folder: repository.url)
    #expect(clean.commit.count == 40 && !clean.isDirty)
    try repository.write("# 1", as: "Results/exp001.md")
    #expect(RepositoryState.of(folder: repository.url) == clean)
    try repository.write("let a = 2", as: "a.swift")
    let results = repository.url.appendingPathComponent("Results")
    #expect(RepositoryState.of(folder: results).isDirty)
  }

  @Test func loadedLibrariesNameThemselves() {
    let versions = LibraryVersions.loaded().joined(separator: ", ")
    #expect(versions.contains(/HDF5 \d+\.\d+\.\d+/))
    #expect(versions.contains(/oneDNN \d+\.\d+\.\d+/))
    #expect(versions.contains(/OpenBLAS \d+\.\d+/))
    #expect(versions.contains(/FAISS \d+\.\d+\.\d+/))
    #expect(versions.contains(/Swift \d+\.\d+/))
  }

  @Test func theDeviceAndTheKernelsAreNamed() throws {
    let versions = LibraryVersions.loaded()
    #expect(versions.contains("device cpu"))
    let kernels = try #require(versions.first { $0.hasPrefix("kernels ") }).split(separator: " ")
    #expect(kernels.count == 3 && kernels[1] == Threads.instructionSet)
    // The tests were built from this clone's sources, unless these were edited since.
    #expect(kernels.last?.wholeMatch(of: /[0-9a-f]{12}|unknown/) != nil, "\(kernels)")
  }

  @Test func aCompilerIsReadFromWhatItBuilt() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("tool")
    func version(_ text: String) throws -> String? {
      try text.write(to: file, atomically: true, encoding: .utf8)
      return SwiftCompiler.version(thatBuilt: file)
    }
    #expect(
      try version("\0Swift version \0x\0Swift version 9.8.7 (swift-9.8.7-RELEASE)\0") == "9.8.7")
    #expect(try version("Swift version 9.8-dev") == "9.8-dev")
    #expect(try version("Swift version \0") == nil && version("") == nil)
    #expect(SwiftCompiler.version(thatBuilt: scratch.file("none")) == nil)
  }

  @Test func theKernelsDigestIsThatOfTheSourcesThatWereBuilt() throws {
    let scratch = try ScratchFolder()
    let (built, tool) = (Date(timeIntervalSince1970: 1e9), scratch.file(".build/debug/tool"))
    func write(_ name: String, _ text: String, at date: Date) throws {
      let file = scratch.file(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
    }
    func digest() -> String? { KernelSources.digest(builtInto: tool) }

    try write(".build/debug/tool", "", at: built)
    #expect(digest() == nil)
    try write("Sources/CAISKernels/a.c", "int a;", at: built - 1)
    try write("Sources/CAISKernels/include/a.h", "", at: built)
    let first = try #require(digest())
    #expect(first.count == 64 && digest() == first)
    try write("Sources/CAISKernels/notes.md", "other", at: built - 1)
    try write("Sources/AISHarness/a.swift", "other", at: built + 1)
    #expect(digest() == first)
    try write("Sources/CAISKernels/include/a.h", "int a;", at: built)
    let second = try #require(digest())
    #expect(second != first)
    try write("Sources/CAISKernels/a.c", "int a;", at: built + 1)
    #expect(digest() == nil)
    try write(".build/debug/tool", "", at: built + 2)
    #expect(digest() == second)
  }
}
