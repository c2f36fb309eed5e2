// exp010: what does leaving layers out cost on the benchmarks that people know?
//
// The seed promised this suite and never published it. Here every item is put to the full model and to the same model
// with layers left out, blended or bridged, by one plan for all or as the map chooses, or with tokens that exit; so
// answers are compared item by item. Prompts and scores are lm-evaluation-harness's. The tasks are entries of
// SuiteTask+All.swift.
//
// Run: make exp-010 TASKS=arc_easy,piqa MODE=bridge. Without TASKS all whose data are there.

import AISHarness
import AISKit
import ArgumentParser
import Foundation

@main
struct Exp010: Experiment {
  static let card = ExperimentCard(
    id: "010", title: "The benchmark suite",
    question: "What does leaving layers out cost on the benchmarks that people know?",
    claims: [
      Claim(
        "answers", "The model answers as well without these layers.",
        [
          Criterion(
            "macro",
            "the accuracies' mean over tasks falls by at most \(points) point (95 %, over tasks and their items)"
          ),
          Criterion(
            "each task",
            "no task's accuracy falls by more than \(taskPoints) points (95 %, over items or their groups)"
          ),
          Criterion(
            "not chance",
            "the full model is above guessing, as a mean over tasks (95 %, over tasks and their items)"
          ),
        ]),
      Claim(
        "text", "The model predicts text as well without these layers.",
        [
          Criterion(
            "perplexity",
            "WikiText-2: the perplexity of a word is at most \(perplexityRatio) times the full model's (95 %, over "
              + "documents)")
        ]),
      Claim(
        "reasoning", "The model still reaches the right numbers.",
        [
          Criterion(
            "written",
            "GSM8K: exact matches fall by at most \(taskPoints) points (95 %, over questions)")
        ]),
    ],
    cost:
      "about an hour for 100 items a task in float32 on two cores, most of it for written answers",
    showsRows: false)
  static let points = 1.0
  static let taskPoints = 3.0
  static let perplexityRatio = 1.1
  /// The exit threshold for routers without a guaranteed one.
  static let usualThreshold = 0.85
  static let dataFiles = [DataFiles.mmluTest] + DataFiles.suite + [DataFiles.dolly]
  static let rawTables: [any RawRow.Type] = [DocumentRow.self, WrittenRow.self]
  static let defaultItems = 100
  static let defaultCount: DefaultCount? = .items(defaultItems)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var skip: SkipOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var readout: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Tasks, as arc_easy,piqa. (default: all whose data are there)") var tasks: String?
  @Option(
    help: "What decides: plan (one for all), map (one for each prompt), exit (token by token).")
  var policy: SuitePolicy = .plan
  @Option(help: "New tokens of each written answer at most.") var tokens: Int = 256
  @Option(help: "Questions whose answers are written together.") var batch: Int = 8

  static let variantOptions: Set = ["policy", "mode", "alpha", "router", "readout"]

  var variant: String {
    switch policy {
    case .plan: depth.label
    case .map: "map-\(depth.label)"
    case .exit: ["exit", readout.label(exit)].filter { !$0.isEmpty }.joined(separator: "-")
    }
  }
  var needs: [Need] {
    switch policy {
    case .plan: depth.needs
    case .map: skip.needs + [.map] + depth.needs
    case .exit: exit.needs + readout.needs
    }
  }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }
  var extents: [String: Int] { ["n": data.count ?? Self.defaultItems] }

  func validate() throws {
    for name in names where SuiteTask.named(name) == nil {
      let known = SuiteTask.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--tasks: expected some of \(known); found '\(name)'")
    }
    if tasks != nil, names.isEmpty { throw ValidationError("--tasks: expected at least one task") }
    if tokens < 1 { throw ValidationError("--tokens \(tokens): expected at least 1") }
    if !(1...1_024).contains(batch) {
      throw ValidationError("--batch \(batch): expected 1 to 1024")
    }
    try policy.refuseOthersOptions(depth, skip, exit, readout)
  }

  /// The tasks that the user named.
  private var names: [String] { tasks?.split(separator: ",").map(String.init) ?? [] }

  private var asked: [SuiteTask] {
    names.isEmpty ? SuiteTask.all : SuiteTask.all.filter { names.contains($0.name) }
  }

  /// The tasks whose files are there; MMLU's original folders of CSV files are not read here.
  private func present(in file: (String) -> URL?) -> [(task: SuiteTask, file: URL)] {
    asked.compactMap { task in
      file(task.file).flatMap { $0.hasDirectoryPath ? nil : (task: task, file: $0) }
    }
  }

  /// A folder that cannot be used is an error of the run, which says so.
  func workload(in setting: WorkSetting) -> Workload? {
    SuiteWork(count: data.count ?? Self.defaultItems, maxTokens: tokens, batch: batch)
      .workload(of: present { (try? data.find($0)) ?? nil })
  }

  func measure(in lab: Lab<Row>) throws {
    let found = present(in: lab.dataFile)
    let absent = asked.filter { task in !found.contains { $0.task == task } }
    if !absent.isEmpty {
      let line = absent.map { "\($0.name) (\($0.file))" }.joined(separator: ", ")
      let remedy = "make data SUITE=1 fetches them"
      guard !found.isEmpty else {
        throw RequestError(
          "the suite's data",
          expected: "\(line) in the folder that AIS_DATA or --data names (\(remedy))",
          found: "none")
      }
      lab.say("  absent   \(line): not measured; \(remedy)")
    }
    let language = try lab.languageModel()
    let variant = try variant(language, lab)
    lab.say("  variant  \(variant.summary)")
    try lab.note("plan", variant.summary, "what is left out, blended or bridged, or who exits")
    let trial = SuiteTrial(
      language, variant, count: data.count ?? Self.defaultItems, seed: lab.seed, maxTokens: tokens,
      batch: batch)
    let tasks = try found.map { try SuiteTrial.Task($0.task, items: $0.task.items($0.file.path)) }
    try trial.answer(tasks, in: lab)
    try trial.read(tasks, in: lab)
    try trial.write(tasks, in: lab)
  }

  private func variant(_ language: LanguageModel, _ lab: Lab<Row>) throws -> SuiteVariant {
    let count = language.decoder.config.layerCount
    switch policy {
    case .plan:
      let chosen =
        try skip.layers.map(SkipOptions.wholeLayers)
        ?? lab.bestSkip(of: skip.budget ?? count / 4, language).layers
      guard let plan = try lab.plans(leavingOut: [chosen], depth, language).first else {
        preconditionFailure("a plan for each set")
      }
      return .plan(plan)
    case .map:
      let map = try lab.topologicalMap(for: language)
      return .routed(
        try MapRouter(
          map: map, rule: skip.rule(layerCount: count),
          plans: { try lab.plans(leavingOut: $0, depth, language) },
          config: language.decoder.config, k: skip.neighbors, confidence: skip.confidence))
    case .exit:
      let routers = try lab.routers(option: exit.router)
      let threshold =
        try exit.settings(usual: [], routers, readout: readout.readout).first?.threshold
        ?? Self.usualThreshold
      let bridges = try lab.exitBridges(behind: routers.layers, readout, language)
      return .exit(
        try exit.exit(above: threshold, routers, bridges, language.decoder), above: threshold,
        after: routers.layers)
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report { SuiteReport(evidence).report }
}
