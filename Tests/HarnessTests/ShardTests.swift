import AISHarness
import ArgumentParser
import Foundation
import TestSupport
import Testing

/// Prompts under plans, as in most experiments: two columns identify a row, and what one prompt's
/// rows share is computed once, when the prompt begins.
private struct Plans: Experiment {
  static let card = ExperimentCard(
    id: "996", title: "Plans", question: "Do plans differ?", claim: "Plans differ.",
    criteria: [Criterion("differ", "more than one value a prompt")], cost: "nothing")
  static let runsInShards = true
  static let names = ["full", "hard", "soft"]

  @OptionGroup var model: ModelOptions
  @OptionGroup var output: OutputOptions
  @Option var prompts = 7
  @Option var scale = 1.0

  struct Row: ResultRow {
    var prompt = 0
    var plan = ""
    var value = 0.0
    var milliseconds = 0.0

    static let columns: [Column<Row>] = [
      Column("prompt", \.prompt, "index"), Column("plan", \.plan, "what is left out"),
      Column("value", \.value, "what comes out", compare: .absolute(1e-3)),
      Column("time", \.milliseconds, unit: "ms", "how long", compare: .ignored),
    ]
  }

  func measure(in lab: Lab<Row>) throws {
    let items = (0..<prompts).flatMap { prompt in
      Self.names.map { (prompt: prompt, plan: $0) }
    }
    // The log of measurements is a fixed file, since an option would make it another run.
    let log = lab.model.appendingPathComponent("log.txt")
    try lab.measureEach(
      items, "prompts × plans", by: { "\($0.prompt) \($0.plan)" },
      rowKey: { "\($0.prompt) \($0.plan)" },
      { item in
        let earlier = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        try "\(earlier)\(item.prompt) \(item.plan)\n".write(
          to: log, atomically: true, encoding: .utf8)
        return Row(
          prompt: item.prompt, plan: item.plan,
          value: scale * Double(item.prompt * item.plan.utf8.count), milliseconds: 1)
      })
    try lab.keepTimes("whole", seconds: [0.5])
  }

  static func report(_ evidence: Evidence<Row>) -> Report {
    // A figure about the whole run, which no single row gives.
    let mean = evidence.rows.map(\.value).reduce(0, +)
    var report = Report()
    report.summarize(SummaryValue("mean", mean, "of all rows"))
    report.tabulate(
      DerivedTable("last", title: "The last rows", rows: Array(evidence.rows.suffix(3))))
    report.judge("differ", .met(mean > 0, measured: "\(mean)", asked: "> 0"))
    return report
  }
}

/// An experiment that times its work.
private struct Timed: Experiment {
  static let card = ExperimentCard(
    id: "995", title: "Timed", question: "?", claim: ".", criteria: [], cost: "nothing")
  @OptionGroup var model: ModelOptions
  @OptionGroup var output: OutputOptions
  func measure(in lab: Lab<Plans.Row>) throws {}
}

@Suite struct ShardTests {
  private let scratch: ScratchFolder
  private let model: URL

  init() throws {
    scratch = try ScratchFolder()
    model = scratch.file("model")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try "{}".write(
      to: model.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
  }

  private func run(_ arguments: [String] = [], out: String = "out") -> HarnessMain.Outcome {
    HarnessMain.outcome(
      of: Plans.self,
      arguments: ["--model", model.path, "--out", scratch.file(out).path] + arguments)
  }

  private func file(_ variant: String = "", out: String = "out") -> String {
    scratch.file("\(out)/exp996/model-f32\(variant).h5").path
  }

  private func measured() throws -> [String] {
    let log = model.appendingPathComponent("log.txt")
    defer { try? FileManager.default.removeItem(at: log) }
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  private func shard(_ index: Int, of count: Int) throws -> (file: String, result: StoredResult) {
    let file = file("-shard\(index)of\(count)")
    return (file, try ResultFile.read(file))
  }

  @Test(arguments: [2, 4, 30])
  func mergedShardsAreTakenUpAndEndAsTheWholeRunDoes(count: Int) throws {
    #expect(run(out: "whole") == .init(status: .done))
    let whole = try ResultFile.read(file(out: "whole"))
    let all = try measured()
    #expect(all.count == 21)
    for index in (0..<count).reversed() {
      #expect(run(["--shard", "\(index)/\(count)"]) == .init(status: .done))
    }
    #expect(try measured().sorted() == all.sorted(), "each item was measured once")
    let shards = try (0..<count).map { try shard($0, of: count) }
    for (index, shard) in shards.enumerated() {
      let origin = shard.result.provenance
      #expect(origin.shard == Shard(index: index, count: count) && origin.isComplete)
      #expect(origin.verdict == nil && shard.result.summary.isEmpty && shard.result.tables.isEmpty)
      #expect(origin.makeLine == "make exp-996 MODEL=\(model.path) SHARD=\(index)/\(count)")
    }
    let merged = try ResultMerge.merge(shards, command: "merge")
    #expect(merged.rows == whole.rows)
    try ResultFile.write(merged, to: file())
    #expect(run() == .init(status: .done))
    #expect(try measured().isEmpty, "nothing is measured again")
    let finished = try ResultFile.read(file())
    #expect(finished.rows == whole.rows && finished.provenance.verdict == .supported)
    #expect(ResultDiff(whole, finished).isEqual, "\(ResultDiff(whole, finished).text)")
    #expect(finished.summary == whole.summary && finished.tables == whole.tables)
    #expect(finished.timings == whole.timings)
  }

  @Test func mergedRowsAreNotTakenUpByARunOfOtherSettings() throws {
    for index in 0..<2 { #expect(run(["--shard", "\(index)/2"]).status == .done) }
    let merged = try ResultMerge.merge([try shard(0, of: 2), try shard(1, of: 2)], command: "m")
    try ResultFile.write(merged, to: file("-scale2.0"))
    let other = run(["--scale", "2"])
    #expect(other.status == .wrongRequest)
    #expect(other.standardError?.contains("cannot resume: scale was 1.0, now 2.0") == true)
    #expect(try ResultFile.read(file("-scale2.0")) == merged)
  }

  /// Runs of several shards may end at the same moment, so none writes the page.
  @Test func aShardIsNoAnswer() throws {
    #expect(run(["--shard", "1/3"]).status == .done)
    let place = scratch.file("out").appendingPathComponent("exp996.md")
    #expect(!FileManager.default.fileExists(atPath: place.path))
    _ = try ResultReport.write("exp996", in: scratch.file("out"))
    let page = try String(contentsOf: place, encoding: .utf8)
    #expect(page.contains("**Verdict.** None yet: the run is shard 1/3, with 7 rows."), "\(page)")
    let rejudged = Rejudgement.outcome(of: Plans.self, [file("-shard1of3")])
    #expect(rejudged.status == .wrongRequest)
    #expect(
      rejudged.standardError?.hasSuffix("expected a whole result, found shard 1/3 of one") == true)
  }

  @Test(arguments: ["3/3", "0/1", "x", "1", "-1/2", "1/2/3"])
  func whatIsNoShardIsAWrongRequest(text: String) {
    let outcome = run(["--shard=\(text)"])
    #expect(outcome.status == .wrongRequest && outcome.standardError?.contains("--shard") == true)
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }

  @Test func anExperimentThatOneRunMustMeasureSaysSo() {
    let outcome = HarnessMain.outcome(
      of: Timed.self,
      arguments: ["--model", model.path, "--out", scratch.file("out").path, "--shard", "0/2"])
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError?.contains("--shard 0/2: expected none, since exp995") == true)
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }
}
