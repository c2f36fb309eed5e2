import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

/// Experiments as processes, on the starter data: killed at any moment, or run where other files
/// must not change.
@Suite(
  .enabled(if: CachedModel.standard.isPresent && ExperimentSite.areToolsBuilt), .serialized)
struct ExperimentProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func site(
    _ name: String, _ experiment: String, variant: String = ""
  ) throws -> ExperimentSite {
    try ExperimentSite(
      folder.url.appendingPathComponent(name), experiment, variant: variant)
  }

  /// Kills a run at moments that depend on the seed, each some time after the journal has reached a
  /// number of rows.
  ///
  /// Then a last run must end with `rowCount` rows.
  private func killAndFinish(
    _ site: ExperimentSite, _ arguments: [String], seed: UInt64, afterRows: [Int], rowCount: Int
  ) throws {
    var random = SplitMix64(seed: seed)
    var kills = 0
    var hasEnded = false
    for rows in afterRows {
      let run = try site.start(arguments)
      run.wait { site.journaledRows >= rows }
      usleep(UInt32(200_000 + random.index(below: 800_000)))
      if let status = run.end(SIGKILL) {
        #expect(status == 0, "\(run.errors)")
        hasEnded = true
        break
      }
      // After a kill there is no result, or a readable one that is marked as unfinished. If the run
      // was killed while it wrote its page, in its last 0.15 s, the result is complete and must
      // have every row.
      let remaining =
        FileManager.default.fileExists(atPath: site.file) ? try ResultFile.read(site.file) : nil
      if let remaining, remaining.provenance.isComplete {
        #expect(remaining.rows.count == rowCount)
      } else {
        kills += 1
      }
    }
    #expect(kills >= 1, "else nothing was tried")
    if !hasEnded {
      let last = try site.start(arguments)
      #expect(last.wait() == 0, "\(last.errors)")
    }
  }

  private func expectSame(_ killed: ExperimentSite, _ whole: ExperimentSite) throws {
    let (first, second) = (try ResultFile.read(whole.file), try ResultFile.read(killed.file))
    #expect(first.provenance.isComplete && second.provenance.isComplete)
    #expect(second.rows == first.rows && !first.rows.isEmpty)
    #expect(second.tables == first.tables && !first.tables.isEmpty)
    let difference = ResultDiff(first, second)
    #expect(difference.isEqual, "\(difference.text)")
    #expect(try killed.resultNames() == whole.resultNames())
    let diff = try RunningTool(
      "ais", ["results", "diff", whole.file, killed.file], environment: [:])
    #expect(diff.wait() == 0, "\(diff.output)")
  }

  /// Two windows of probes, so that some kills happen after the first.
  @Test func aCorpusReadInPiecesIsTheOneReadWhole() throws {
    let arguments = ["--n", "140", "--dtype", "bf16", "--seed", "5"]
    let (whole, killed) = (
      try site("whole", "exp013", variant: "-n140-seed5"),
      try site("killed", "exp013", variant: "-n140-seed5")
    )
    let run = try whole.start(arguments)
    #expect(run.wait() == 0, "\(run.errors)")
    try killAndFinish(killed, arguments, seed: 1, afterRows: [0, 0, 1, 129], rowCount: 140)
    try expectSame(killed, whole)
    #expect(try killed.probes() == whole.probes())
    try expectThatAKilledRunLeavesTheWholeResult(whole, arguments)
  }

  private func expectThatAKilledRunLeavesTheWholeResult(
    _ site: ExperimentSite, _ arguments: [String]
  ) throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: site.file))
    try site.forgetProbes()
    let run = try site.start(arguments + ["--no-resume"])
    run.wait { site.journaledRows >= 0 }
    #expect(run.end(SIGKILL) == nil)
    #expect(try Data(contentsOf: URL(fileURLWithPath: site.file)) == before)
  }

  /// A prompt's rows are written together, so kills after the first prompt's rows happen during a
  /// later prompt.
  @Test func anAblationInPiecesIsTheOneInOneGo() throws {
    let arguments = [
      "--n", "3", "--tokens", "40", "--groups", "4", "--dtype", "bf16", "--no-resume",
    ]
    let variant = "-tokens40"
    let (whole, killed) = (
      try site("whole", "exp015", variant: variant), try site("killed", "exp015", variant: variant)
    )
    let run = try whole.start(arguments)
    #expect(run.wait() == 0, "\(run.errors)")
    try killAndFinish(
      killed, Array(arguments.dropLast()), seed: 2, afterRows: [0, 94, 188],
      rowCount: 3 * 94)
    try expectSame(killed, whole)
    #expect(try ResultFile.read(killed.file).rows.count == 3 * 94)
  }

  @Test func whatIsNoResultStaysUntilAWholeResultTakesItsPlace() throws {
    let site = try site("foreign", "exp013", variant: "-n24")
    let file = URL(fileURLWithPath: site.file)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let foreign = Data("not a result".utf8)
    try foreign.write(to: file)
    let arguments = ["--n", "24", "--dtype", "bf16"]
    let killed = try site.start(arguments)
    killed.wait { site.journaledRows >= 0 }
    #expect(killed.end(SIGKILL) == nil)
    #expect(try Data(contentsOf: file) == foreign)
    let run = try site.start(arguments)
    #expect(run.wait() == 0, "\(run.errors)")
    let result = try ResultFile.read(site.file)
    #expect(result.provenance.isComplete && result.rows.count == 24)
  }

  @Test(arguments: ["exp013", "exp015"])
  func aFileInThePlaceOfTheFolderIsOneLineAndStaysAsItIs(experiment: String) throws {
    let site = try site("refused", experiment)
    let out = site.root.appendingPathComponent("out")
    try Data("mine".utf8).write(to: out)
    let run = try site.start([])
    #expect(run.wait() == 2)
    #expect(
      run.errors
        == "\(experiment): \(out.path)/\(experiment): cannot create this folder: Not a directory\n")
    #expect(try Data(contentsOf: out) == Data("mine".utf8))
    #expect(!FileManager.default.fileExists(atPath: site.cache.path + "/probes"))
  }
}
