import AISHarness
import AISKit
import ArgumentParser
import Foundation
import TestSupport
import Testing

/// An experiment that asks for work and measures nothing.
private struct Planned: Experiment {
  static let card = ExperimentCard(
    id: "996", title: "Planned", question: "?", claim: "!", criteria: [], cost: "nothing")
  static let dataFiles = [DataFiles.dolly]
  static let wholeFrom: Int? = 100

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var output: OutputOptions

  struct Row: ResultRow {
    var index = 0
    static let columns: [Column<Row>] = [Column("index", \.index, "its place")]
  }

  var needs: [Need] { [.map] + depth.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    let sample = setting.prompts(data.count ?? 100, of: .test, atMost: 512)
    return Workload(Workload.count(sample.count, "prompts"), tokens: sample.tokens)
  }

  func measure(in lab: Lab<Row>) throws {}
}

@Suite struct PlanCommandTests {
  private let scratch: ScratchFolder
  private let model: URL

  init() throws {
    scratch = try ScratchFolder()
    model = scratch.file("model.gguf")
    try Data(SyntheticModel().bytes()).write(to: model)
  }

  private func plan(_ arguments: String..., data: String? = nil) throws -> RunPlan {
    let folder = scratch.file("data")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // A folder that the user names must hold some data.
    try Data((data ?? lines(24)).utf8).write(to: folder.appendingPathComponent(DataFiles.dolly))
    let outcome = PlanCommand.outcome(
      of: Planned.self,
      ["--model", model.path, "--out", scratch.file("out").path, "--data", folder.path]
        + arguments, asData: true)
    #expect(outcome.status == .done, "\(outcome)")
    return try JSONDecoder().decode(
      RunPlan.self, from: Data((outcome.standardOutput ?? "").utf8))
  }

  private func lines(_ count: Int) -> String {
    (0..<count).map {
      let context = String(repeating: "word ", count: 50)
      return "{\"instruction\": \"Question \($0)\", \"context\": \"\(context)\", "
        + "\"response\": \"x\", \"category\": \"open_qa\"}\n"
    }.joined()
  }

  @Test func everythingThatIsNeededStandsInThePlanWithItsSizeAndATime() throws {
    let plan = try plan(data: lines(20_000))
    #expect(plan.parts.map(\.name) == ["map", "exp996"])
    #expect(plan.parts[0].work == "5,000 prompts read through layer 1")
    #expect(plan.parts[1].work == "100 prompts")
    let seconds = plan.parts.compactMap(\.seconds)
    #expect(seconds.count == 2 && seconds.allSatisfy { $0 > 0 })
    // 5,000 prompts through two of five layers, and 100 through all, at the same rate.
    #expect(seconds[0] > 10 * seconds[1])
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out").path))
  }

  @Test func aSmallRunPlansSmallThings() throws {
    let plan = try plan("--n", "10", data: lines(20_000))
    #expect(
      plan.parts.map(\.work) == ["504 prompts read through layer 1", "10 prompts"])
  }

  @Test func thereAreNoMorePromptsThanTheDataHave() throws {
    let split = lines(300).split(separator: "\n").enumerated().filter { index, _ in
      let context = String(repeating: "word ", count: 50)
      return Split.of(
        InstructionPrompt(
          instruction: "Question \(index)", context: context, category: "open_qa"
        ).text) == .test
    }.count
    #expect(try plan(data: lines(300)).parts[1].work == "\(split) prompts")
  }

  @Test func bridgesMayBeThereAlready() throws {
    let plan = try plan("--mode", "bridge")
    #expect(plan.parts.map(\.name) == ["map", "bridges", "exp996"])
    #expect(plan.parts.map(\.maySpare) == [false, true, false])
  }

  @Test func aModelThatCannotBeReadHasAnUnknownTime() throws {
    try Data("GGUF".utf8).write(to: model)
    let plan = try plan()
    #expect(plan.parts.map(\.seconds) == [nil, nil])
  }

  @Test func theFlagMayStandAnywhere() {
    let options = ["--model", model.path, "--out", scratch.file("out").path]
    let first = PlanCommand.outcome(of: Planned.self, ["--plan"] + options)
    #expect(first?.status == .done && first?.standardOutput?.hasPrefix("  plan     ") == true)
    #expect(PlanCommand.outcome(of: Planned.self, options + ["--plan"])?.status == .done)
    #expect(PlanCommand.outcome(of: Planned.self, options) == nil)
  }

  @Test func aWrongRequestIsAWrongRequest() {
    let outcome = PlanCommand.outcome(of: Planned.self, ["--n", "0"], asData: false)
    #expect(outcome.status == .wrongRequest)
    #expect(outcome.standardError == "--n 0 is out of range, expected 1 to 1000000000")
  }
}

/// The plans that the real experiments print; nothing is computed.
@Suite(
  .enabled(
    if: CachedModel.standard.isPresent
      && ["exp015", "exp016", "exp026"].allSatisfy { RunningTool.path(of: $0) != nil }))
struct ExperimentPlanTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    let models = scratch.file("cache/models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    let model = URL(fileURLWithPath: CachedModel.standard.path)
    try FileManager.default.createSymbolicLink(
      at: models.appendingPathComponent(model.lastPathComponent), withDestinationURL: model)
    // The model's remembered digest is reused.
    let digests = model.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("digests")
    try? FileManager.default.copyItem(at: digests, to: scratch.file("cache/digests"))
  }

  private func plan(_ experiment: String, _ arguments: String...) throws -> [String] {
    let tool = try RunningTool(
      experiment, ["--plan", "--out", scratch.file("out").path] + arguments,
      environment: ["AIS_CACHE": scratch.file("cache").path])
    #expect(tool.wait() == 0, "\(tool.errors)")
    return tool.output.split(separator: "\n").map(String.init)
  }

  @Test func aFirstTryNeedsASmallAblationAndASmallMap() throws {
    let lines = try plan("exp016", "--n", "16")
    #expect(lines.count >= 4)
    #expect(lines[0].hasPrefix("  plan     exp015  16 prompts × 94 parts "))
    #expect(lines[1].contains(" map     ") && lines[1].contains("prompts read through layer 10"))
    #expect(lines[2].contains(" exp016  16 prompts × 4 plans "))
    #expect(lines[3].contains(" total ") && lines[3].hasSuffix(" on this machine"))
    #expect(lines.allSatisfy { !$0.contains("unknown") })
  }

  @Test func layersThatAreNamedNeedNoAblation() throws {
    for line in try plan("exp016", "--layers", "11-13") { #expect(!line.contains("exp015")) }
    #expect(try plan("exp026").contains { $0.contains("exp015") })
  }
}
