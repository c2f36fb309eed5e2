import AISHarness
import Foundation
import TestSupport
import Testing

/// The committed results against the code as it is now.
///
/// Every page must follow from the raw rows of its files alone.
@Suite(.enabled(if: RunningTool.path(of: "exp015") != nil)) struct CommittedResultsTests {
  private static let folder = ReferenceFiles.repository.appendingPathComponent(
    "Results", isDirectory: true)

  private static var experiments: [String] {
    (try? ResultReport.experiments(in: folder)) ?? []
  }

  private static var pages: [String] { (try? ResultReport.pages(in: folder)) ?? [] }

  private func files(of experiment: String) throws -> [URL] {
    let place = Self.folder.appendingPathComponent(experiment, isDirectory: true)
    return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
      .filter { $0.hasSuffix(".h5") }.map { place.appendingPathComponent($0) }
  }

  /// Tables, figures and verdicts computed again from the rows are those in the file.
  @Test(arguments: experiments) func aResultEqualsItsReplay(experiment: String) throws {
    for file in try files(of: experiment) {
      let tool = try RunningTool(experiment, ["--rejudge", file.path], environment: [:])
      #expect(tool.wait() == 0, "\(tool.errors)\(tool.output)")
      #expect(!tool.output.contains("note: "), "\(tool.output)")
    }
  }

  /// The page made from the files is the committed one.
  @Test(arguments: pages) func aPageFollowsFromItsFiles(page name: String) throws {
    let committed = try String(
      contentsOf: Self.folder.appendingPathComponent("\(name).md"), encoding: .utf8)
    let experiment = name.split(separator: "-")[0]
    let scratch = try ScratchFolder()
    let copy = scratch.file(String(experiment))
    try FileManager.default.copyItem(
      at: Self.folder.appendingPathComponent(String(experiment)), to: copy)
    let report = try ResultReport.write(name, in: copy.deletingLastPathComponent())
    let page = try String(contentsOf: report.page, encoding: .utf8)
    // Without gnuplot a page has no pictures.
    if !report.remarks.isEmpty { return }
    #expect(page == committed, "make report writes it again")
  }

  /// The index made from the files is the committed one.
  @Test func theIndexFollowsFromTheFiles() throws {
    let scratch = try ScratchFolder()
    for experiment in Self.experiments {
      try FileManager.default.createSymbolicLink(
        at: scratch.file(experiment),
        withDestinationURL: Self.folder.appendingPathComponent(experiment))
    }
    let made = try String(contentsOf: try ResultIndex.write(in: scratch.url), encoding: .utf8)
    let committed = try String(
      contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(made == committed, "make report writes it again")
    #expect(made.split(separator: "\n").count > 30)
  }

  /// A page opens with an answer that a person can repeat.
  @Test(arguments: experiments) func aConclusionIsOneShortSentence(experiment: String) throws {
    for file in try files(of: experiment) {
      let result = try ResultFile.read(file.path)
      let words = (result.provenance.conclusion ?? "").split(separator: " ")
      #expect(
        (5...Report.mostWords).contains(words.count), "\(file.lastPathComponent): \(words)")
    }
  }
}
