// exp018: is the saving real in batches?
//
// The seed timed how long it takes to submit work to a device, not how long the work takes: each of
// its published rates would need more than its machine's memory bandwidth. It warmed up one shape,
// always ran the baseline first, and never asked whether the model still makes sense without half
// of its layers. Here both run in turns at every batch size, ceilings are measured in the same run
// and a rate above them fails it. The quality of the same plan is shown beside the speed.
//
// Run: make exp-018. About six minutes on two cores in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp018: Experiment {
  static let card = ExperimentCard(
    id: "018", title: "Throughput in batches with half of the layers left out",
    question: "Is the saving real in batches, and what is left of the model?",
    claim: "Leaving layers out saves its share of the time at every batch size.",
    criteria: [
      Criterion(
        "efficiency",
        "measured over ideal speed-up ≥ \(efficiency) at every batch size, prefill and decode"),
      Criterion(
        "possible", "no rate above the machine's ceilings of the same run: else the run fails"),
    ],
    cost: "about six minutes on two cores in float32, 2 GB of memory")
  static let efficiency = 0.95
  static let dataFiles = [DataFiles.dolly]
  /// Twenty per category.
  static let defaultPrompts = 160
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Batch sizes.") var batch: String = "1,2,4,8,16"
  @Option(
    help: "Pairs of timed runs at the largest batch; a smaller one gets up to four times these.")
  var pairs: Int = 30
  @Option(help: "Tokens of each prompt.") var tokens: Int = 64
  @Option(help: "Layers left out, as 8-15,23-29. (default: every second quarter of the depth)")
  var layers: String?

  static let variantOptions: Set = ["layers", "mode", "alpha"]

  var variant: String {
    [
      layers.map { "layers\($0.replacing(",", with: "+"))" },
      depth.mode == .hard ? nil : depth.label,
    ].compactMap { $0 }.joined(separator: "-")
  }

  func validate() throws {
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if tokens < 1 { throw ValidationError("--tokens \(tokens): expected at least 1") }
    _ = try batchSizes()
  }

  var needs: [Need] { depth.needs }

  func workload(in setting: WorkSetting) -> Workload? {
    guard let sizes = try? batchSizes(), let largest = sizes.max() else { return nil }
    let quality = setting.prompts(data.count ?? Self.defaultPrompts, of: .test, atMost: 256)
    // Each variant leaves out half of the layers.
    let timed = sizes.reduce(0.0) { sum, size in
      let runs = Double(pairs * min(4, largest / size) + 2) * 1.5
      return sum + runs * (Double(tokens * size) + Workload.decoding(steps: 8, batch: size))
    }
    return Workload(
      "2 phases × \(sizes.count) batch sizes, \(pairs) pairs or more; "
        + "\(Workload.count(quality.count, "prompts")) for quality",
      tokens: timed + quality.tokens * 1.5)
  }

  private func batchSizes() throws -> [Int] {
    let sizes = batch.split(separator: ",").map { Int($0.trimmingPrefix(" ")) ?? 0 }
    guard !sizes.isEmpty, sizes.allSatisfy({ (1...1_024).contains($0) }) else {
      throw ValidationError("--batch '\(batch)': expected sizes from 1 to 1024, as 1,2,4")
    }
    return sizes
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let plan = try plan(language, lab)
    lab.say("  plan     \(plan.summary)")
    try PlanQuality(language, plan).report(
      in: lab, prompts: DataFiles.prompts(lab.dataFile(DataFiles.dolly)),
      count: data.count ?? Self.defaultPrompts)
    let trial = try ThroughputTrial(
      language.decoder, lab.computeType, plan, tokens: tokens, in: lab)
    let sizes = try batchSizes()
    let items = ThroughputTrial.Phase.allCases.flatMap { phase in
      sizes.map { (phase: phase, batch: $0) }
    }
    // Short runs are noisy and cheap, so they are repeated more often.
    let largest = sizes.max() ?? 1
    try lab.measureEach(
      items, "phases × batches", by: { "\($0.phase.rawValue) \($0.batch)" },
      rowKey: { "\($0.phase) \($0.batch)" },
      {
        try trial.row($0.phase, batch: $0.batch, pairs: pairs * min(4, largest / $0.batch), in: lab)
      })
    ThroughputTrial.tabulate(in: lab)
  }

  private func plan(_ language: LanguageModel, _ lab: Lab<Row>) throws -> DepthPlan {
    var out = try DepthPlan(hard: layers ?? "").skippedLayers
    if let layers, depth.mode == .hard { return try DepthPlan(hard: layers) }
    if layers == nil {
      let quarters = try LayerRun.partition(
        layerCount: language.decoder.config.layerCount, into: 4)
      out = Array(quarters[1].layers) + Array(quarters[3].layers)
    }
    return try lab.plans(leavingOut: [out], depth, language)[0]
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    table.rows.map { row in
      NamedFinding(
        "efficiency, \(row.phase) of \(row.batch)",
        .atLeast(
          Estimate(
            value: row.efficiency,
            interval: Interval(lower: row.efficiencyLower, upper: row.efficiencyUpper),
            count: table.timings["\(row.phase)_\(row.batch)_baseline"]?.count ?? 0),
          threshold: efficiency, of: "pairs"))
    }
  }
}
