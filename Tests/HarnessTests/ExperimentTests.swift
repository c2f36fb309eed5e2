import AISHarness
import AISKit
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct ExperimentTests {
  private let scratch: ScratchFolder
  private let model: URL

  init() throws {
    scratch = try ScratchFolder()
    model = scratch.file("model")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try "{}".write(
      to: model.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
  }

  private func run(_ arguments: String..., out: String = "out") -> HarnessMain.Outcome {
    HarnessMain.outcome(
      of: Squares.self,
      arguments: ["--model", model.path, "--out", scratch.file(out).path] + arguments)
  }

  private func file(_ variant: String = "", out: String = "out") -> String {
    scratch.file("\(out)/exp998/model-f32\(variant).h5").path
  }

  private func stored(_ variant: String = "", out: String = "out") throws -> StoredResult {
    try ResultFile.read(file(variant, out: out))
  }

  private func breakAfter(_ count: Int?) throws {
    let file = model.appendingPathComponent("break.txt")
    guard let count else { return try FileManager.default.removeItem(at: file) }
    try "\(count)".write(to: file, atomically: true, encoding: .utf8)
  }

  @Test func aRunWritesFileAndPageWithItsProvenanceAndVerdict() throws {
    #expect(run("--n", "200", "--seed", "5") == .init(status: .done))
    let result = try stored("-seed5")
    let origin = result.provenance
    #expect(origin.isComplete && origin.verdict == .supported)
    #expect(origin.experiment == "exp998" && origin.dtype == "f32" && origin.seed == 5)
    #expect(origin.dataName == "no numbers.jsonl" && origin.modelName == "model")
    #expect(origin.modelSHA256.count == 64)
    #expect(
      origin.parameters
        == ["n": "200", "shift": "0.0", "cheating": "false", "twice": "false", "rounds": "1"])
    #expect(origin.criteria == ["positive: at least 0.95 of the squares are above zero"])
    #expect(result.rows.count == 200)
    #expect(result.summary.map(\.column.name) == ["rows"])
    let times = result.raw.first { $0.name == TimedPair.tableName }
    #expect(times?.rows.count == 3)
    #expect(origin.conclusion == "200 of 200 squares are positive.")
    #expect(origin.looks?.map(\.rows) == [200])
    let file = try HDF5File.open(file("-seed5"))
    #expect(try file.read(Int64.self, from: "/rows/number").count == 200)
    try file.close()
    let page = try String(
      contentsOf: scratch.file("out").appendingPathComponent("exp998.md"), encoding: .utf8)
    #expect(page.contains("Squares") && page.contains("supported") && page.contains("apples²"))
  }

  @Test func aRunThatBrokeDownIsTakenUpAndEndsInTheSameRows() throws {
    #expect(run(out: "whole").status == .done)
    try breakAfter(7)
    let broken = run()
    #expect(broken == .init(status: .failed, standardError: "broke down"))
    try breakAfter(nil)
    #expect(run().status == .done)
    let (whole, resumed) = (try stored(out: "whole"), try stored())
    #expect(whole.rows.count == 12 && resumed.rows == whole.rows)
    #expect(resumed.summary == whole.summary)
    #expect(resumed.provenance.isComplete)
  }

  /// Another setting is another result, beside the unfinished one.
  @Test func aRunOfOtherSettingsLeavesTheOneThatBrokeDown() throws {
    try breakAfter(7)
    #expect(run().status == .failed)
    try breakAfter(nil)
    #expect(run("--shift", "1").status == .done)
    #expect(try stored("-shift1.0").provenance.parameters["shift"] == "1.0")
    #expect(try stored("-shift1.0").rows.count == 12)
    #expect(try !stored().provenance.isComplete)
    #expect(run() == .init(status: .done))
    #expect(try stored().provenance.parameters["shift"] == "0.0")
  }

  @Test func aRunThatBrokeDownIsNotTakenUpWithAnotherModel() throws {
    try breakAfter(7)
    #expect(run().status == .failed)
    try breakAfter(nil)
    try "{ }".write(
      to: model.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    let other = run()
    #expect(other.status == .wrongRequest)
    #expect(other.standardError?.contains("model_sha256") == true)
    #expect(other.standardError?.contains("--no-resume") == true)
    #expect(try !stored().provenance.isComplete)
    #expect(run("--no-resume").status == .done)
    #expect(try stored().rows.count == 12)
  }

  @Test func aRunThatFailsBeforeItsFirstRowLeavesNothingThatBlocksTheNext() throws {
    try breakAfter(0)
    #expect(run() == .init(status: .failed, standardError: "broke down"))
    let folder = scratch.file("out/exp998").path
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    // Another model of the same name gives another run in the same file.
    try breakAfter(nil)
    try "{ }".write(
      to: model.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    #expect(run() == .init(status: .done))
    #expect(try stored().rows.count == 12)
  }

  @Test func aWholeResultStaysUnlessItIsToBeginAnew() throws {
    #expect(run().status == .done)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file()))
    #expect(run().status == .done)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file())) == whole)
    #expect(run("--no-resume").status == .done)
    #expect(try stored().provenance.looks?.count == 1)
  }

  /// Whoever has other code or another processor wants to see what that gives.
  @Test func aWholeResultOfOtherCodeIsMeasuredAgain() throws {
    #expect(run().status == .done)
    var result = try stored()
    result.rows.removeLast()
    result.provenance.gitCommit = "another"
    try ResultFile.write(result, to: file())
    #expect(run().status == .done)
    #expect(try stored().rows.count == 12)
    #expect(try stored().provenance.looks?.count == 1)
  }

  /// Virtual machines on different processors may have one name; their extensions differ.
  @Test func aWholeResultOfAProcessorOfTheSameNameIsMeasuredAgain() throws {
    #expect(run().status == .done)
    var result = try stored()
    result.rows.removeLast()
    result.provenance.isa = "other kernels"
    try ResultFile.write(result, to: file())
    #expect(run().status == .done)
    #expect(try stored().rows.count == 12)
  }

  /// A file from before looks were counted was looked at when it was complete.
  @Test func anEarlierResultWithoutLooksCountsAsOne() throws {
    #expect(run("--n", "12").status == .done)
    var result = try stored()
    result.provenance.looks = nil
    try ResultFile.write(result, to: file())
    #expect(run("--n", "20").status == .done)
    #expect(try stored().provenance.looks?.map(\.rows) == [12, 20])
  }

  /// Rows of two machines may be put together, times may not.
  @Test func timesOfAnotherProcessorAreTakenAnew() throws {
    #expect(run("--n", "12").status == .done)
    var result = try stored()
    result.provenance.cpuModel = "Another processor"
    try ResultFile.write(result, to: file())
    #expect(run("--n", "20").status == .done)
    let grown = try stored()
    #expect(grown.rows.count == 20)
    #expect(grown.raw.first { $0.name == TimedPair.tableName }?.rows.count == 3)
  }

  /// An inconclusive run is part of the larger one that follows it.
  @Test func aLargerRunTakesUpASmallerOnesRowsAndCountsTheLooks() throws {
    #expect(run("--n", "12", out: "grown").status == .done)
    #expect(try stored(out: "grown").provenance.verdict?.word == "inconclusive")
    #expect(run("--n", "200", "--rounds", "2", out: "grown").status == .done)
    #expect(run("--n", "200", "--rounds", "2", out: "whole").status == .done)
    let (grown, whole) = (try stored(out: "grown"), try stored(out: "whole"))
    #expect(grown.rows == whole.rows && grown.summary == whole.summary)
    #expect(grown.provenance.verdict == .supported)
    #expect(grown.provenance.looks?.map(\.rows) == [12, 200])
    #expect(grown.provenance.looks?.map(\.processes) == [1, 2])
    #expect(run("--n", "50", out: "grown").status == .done, "it is covered")
    #expect(try stored(out: "grown") == grown)
    let page = try String(
      contentsOf: scratch.file("grown").appendingPathComponent("exp998.md"), encoding: .utf8)
    #expect(page.contains("2 looks (12 rows and 1 process, then 200 rows and 2 processes)"))
  }

  /// A run that was killed before its first line leaves an empty journal beside the whole result.
  @Test func anEmptyJournalBesideAWholeResultIsNoRunToTakeUp() throws {
    #expect(run().status == .done)
    let journal = file() + ".partial"
    try Data().write(to: URL(fileURLWithPath: journal))
    #expect(run() == .init(status: .done))
    #expect(try stored().rows.count == 12)
    #expect(!FileManager.default.fileExists(atPath: journal))
  }

  @Test func aFileInThePlaceOfTheFolderIsAWrongRequestInOneLine() throws {
    try Data("mine".utf8).write(to: scratch.file("file"))
    let folder = scratch.file("file/exp998").path
    #expect(
      run(out: "file")
        == .init(
          status: .wrongRequest,
          standardError: "\(folder): cannot create this folder: Not a directory"))
    #expect(try Data(contentsOf: scratch.file("file")) == Data("mine".utf8))
  }

  @Test func aRefutedClaimIsNoFailureAndFewRowsAreInconclusive() throws {
    #expect(run("--shift=-1000000", out: "refuted").status == .done)
    #expect(try stored("-shift-1000000.0", out: "refuted").provenance.verdict == .refuted)
    #expect(run("--n", "12", out: "few").status == .done)
    guard case .inconclusive(let why) = try stored(out: "few").provenance.verdict else {
      Issue.record("12 of 12 do not show 0.95")
      return
    }
    #expect(why.contains("n = 12 squares") && why.contains("n ≈ "))
  }

  @Test func aTimingAboveTheMachinesCeilingFailsTheRun() throws {
    let outcome = run("--cheating")
    #expect(outcome.status == .failed)
    #expect(outcome.standardError?.hasPrefix("impossible timing: b would mean") == true)
    #expect(try !stored("-cheatingtrue").provenance.isComplete)
    #expect(run("--cheating").status == .failed, "resumed, it measures again")
  }

  @Test func aRunAndALaterReportWriteTheSamePage() throws {
    #expect(run("--n", "5").status == .done)
    let out = scratch.file("out")
    func bytes() throws -> [Data] {
      let figure = out.appendingPathComponent("figures/exp998-squares.svg")
      return [try Data(contentsOf: out.appendingPathComponent("exp998.md"))]
        + [try? Data(contentsOf: figure)].compactMap { $0 }
    }
    let result = try stored()
    #expect(result.tables.map(\.title) == ["Criteria, one by one", "The first"])
    #expect(result.figures.count == 1)
    let written = try bytes()
    #expect(String(decoding: written[0], as: UTF8.self).contains("## The first"))
    try FileManager.default.removeItem(at: out.appendingPathComponent("exp998.md"))
    _ = try ResultReport.write("exp998", in: out)
    #expect(try bytes() == written)
  }

  @Test func aResultSaysWhichMakeLineRunsIt() throws {
    #expect(run("--n", "3", "--seed", "5", "--shift=0.5", "--table-name", "a b").status == .done)
    let variant = "-seed5-shift0.5-table-namea+b"
    #expect(
      try stored(variant).provenance.makeLine
        == "make exp-998 MODEL=\(model.path) N=3 SEED=5 SHIFT=0.5 TABLE_NAME='a b'")
    #expect(run("--n", "3", "--twice").status == .done)
    #expect(
      try stored("-twicetrue").provenance.makeLine
        == "make squares-twice MODEL=\(model.path) N=3")
  }

  @Test func aStoredResultIsJudgedAgain() throws {
    #expect(run("--n", "200").status == .done)
    let file = file()
    func rejudge(_ arguments: String...) -> HarnessMain.Outcome {
      Rejudgement.outcome(of: Squares.self, [file] + arguments)
    }
    let reason =
      "positive: 100.0 % [98.1 %, 100.0 %], anytime [96.9 %, 100.0 %], n = 200 squares; "
      + "asked: ≥ 95.0 %"
    #expect(
      rejudge()
        == .init(status: .done, standardOutput: "\(file): supported → supported: \(reason)"))
    var result = try stored()
    result.provenance.verdict = .refuted
    result.provenance.judgements = nil
    try ResultFile.write(result, to: file)
    let changed = HarnessMain.Outcome(
      status: .failed,
      standardOutput: "\(file): refuted → supported: \(reason)\n"
        + "note: computed again from the rows, these differ: verdict or its reason")
    #expect(rejudge() == changed)
    #expect(try stored().provenance.verdict == .refuted)
    #expect(rejudge("--write") == changed)
    #expect(try stored().provenance.verdict == .supported)
    #expect(try stored().provenance.judgements?.map(\.reason) == [reason])
    #expect(try stored().rows == result.rows)
  }

  @Test func aResultIsNotRejudgedByOtherRules() throws {
    #expect(run("--n", "200").status == .done)
    let file = file()
    func problem(_ change: (inout StoredResult) -> Void) throws -> String? {
      var result = try stored()
      change(&result)
      let other = scratch.file("other.h5").path
      try ResultFile.write(result, to: other)
      let outcome = Rejudgement.outcome(of: Squares.self, [other, "--write"])
      #expect(outcome.status == .wrongRequest)
      return outcome.standardError
    }
    #expect(
      try problem { $0.provenance.experiment = "exp997" }?
        .hasSuffix("expected a result of exp998, found exp997") == true)
    #expect(
      try problem { $0.provenance.isComplete = false }?
        .hasSuffix("expected a whole result, found an unfinished one") == true)
    #expect(
      try problem {
        $0.provenance.criteria = ["positive: half of them"]
        $0.provenance.verdict = .refuted
      }?.contains("the criteria have changed since") == true)
    #expect(Rejudgement.outcome(of: Squares.self, []).status == .wrongRequest)
    #expect(Rejudgement.outcome(of: Squares.self, [file + "x"]).status == .wrongRequest)
  }

  @Test func wrongRequestsWriteNothing() {
    #expect(run("--n", "0").status == .wrongRequest)
    #expect(run("--data", scratch.file("none").path).status == .wrongRequest)
    let missing = HarnessMain.outcome(
      of: Squares.self, arguments: ["--model", "none", "--out", scratch.file("out").path])
    #expect(missing.status == .wrongRequest)
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }

  @Test func anOptionThatMeansNothingHereIsRefused() {
    #expect(
      run("--unused", "3")
        == .init(
          status: .wrongRequest, standardError: "exp998 has no --unused: it is here to be refused"))
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }

  @Test func helpShowsTheExperimentsOwnDefaultCount() throws {
    let help = HarnessMain.outcome(of: Squares.self, arguments: ["--help"])
    let text = try #require(help.standardOutput)
    #expect(text.contains("(default: 12)") && !text.contains("experiment's own"))
  }

  @Test func anExperimentSaysWhatItNeeds() {
    let text = ExperimentDescription.text(of: Needing.self)
    #expect(text.contains("needs    results of exp015, exp020 for the same model and data"))
    #expect(text.contains("FORCE <1|0>") && text.contains("ROUTER <file>"))
  }

  @Test func anExperimentDescribesItselfInMakesTerms() {
    let text = ExperimentDescription.text(of: Squares.self)
    #expect(text.contains("exp998 · Squares"))
    #expect(text.contains("claims   Every square is positive."))
    #expect(text.contains("make exp-998"))
    #expect(text.contains("MODEL <model>") && text.contains("smollm2-135m"))
    #expect(text.contains("TABLE_NAME <table-name>"))
    #expect(text.contains("RESUME <1|0>") && !text.contains("CHEATING"), "a flag is no variable")
    #expect(!text.contains("--"))
    #expect(text.contains("N <n>") && text.contains("(default: 12)"), "\(text)")
    #expect(!text.contains("experiment's own"))
    #expect(!text.contains("UNUSED"))
  }
}
