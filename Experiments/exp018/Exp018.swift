// exp018: is the saving real in batches?
//
// The seed timed how long it takes to submit work to a device, not how long the work takes: each of
// its published rates would need more than its machine's memory bandwidth. It warmed up one shape,
// always ran the baseline first, and never asked whether the model still makes sense without half
// of its layers. Here both run in turns at every batch size, ceilings are measured in the same run
// and a rate above them fails it. The seed's choice of layers stands beside the best plan of that
// size found on other prompts, and the quality of both beside their speed.
//
// Run: make exp-018. About fifteen minutes on two cores in float32.

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
        "measured over ideal speed-up ≥ \(efficiency) at every batch size, prefill and decode, under "
          + "the seed's plan and the best one found"),
      Criterion(
        "possible", "no rate above the machine's ceilings of the same run: else the run fails"),
    ],
    cost: "about fifteen minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let efficiency = 0.95
  static let dataFiles = [DataFiles.dolly]
  /// Twenty per category.
  static let defaultPrompts = 160
  static let defaultCount: DefaultCount? = .items(defaultPrompts)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var depth: DepthOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "Batch sizes.") var batch = BatchSizes([1, 2, 4, 8, 16])
  @Option(
    help: "Pairs in a process at the largest batch; a smaller one gets up to four times these.")
  var pairs: Int = 6
  @Option(help: "Tokens of each prompt.") var tokens: Int = 64
  @Option(
    help: "Layers left out, as 8-15,23-29. (default: the seed's choice, and the best found)")
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
  }

  var needs: [Need] { depth.needs }
  var processes: Int { timing.processes }
  var extents: [String: Int] {
    ["n": data.count ?? Self.defaultPrompts, "processes": timing.processes]
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let quality = setting.prompts(
      data.count ?? Self.defaultPrompts, of: .test, atMost: QualityTrial.longestPrompt)
    let plans = layers == nil ? 2.0 : 1
    // Each variant leaves out half of the layers.
    let timed = batch.sizes.reduce(0.0) { sum, size in
      let runs = Double(pairs(of: size) + 2) * 1.5 * plans * Double(processes)
      return sum + runs
        * (Double(tokens * size)
          + Workload.decoding(steps: PassWorkload.decodeSteps, batch: size))
    }
    return Workload(
      "2 phases × \(batch.sizes.count) batch sizes, \(pairs) pairs or more in each of "
        + "\(processes) processes; \(Workload.count(quality.count, "prompts")) for quality",
      tokens: timed + quality.tokens * (1 + plans / 2))
  }

  /// Short runs are noisy and cheap, so they are repeated more often.
  private func pairs(of size: Int) -> Int { pairs * min(4, batch.largest / size) }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let plans = try plans(language, lab)
    let sink = try lab.sinkLayer(language)
    for plan in plans {
      lab.say("  plan     \(plan.name): \(plan.plan.summary)")
      let breaks = sink.map(plan.plan.skippedLayers.contains) ?? false
      try lab.note("layers_\(plan.name)", plan.plan.summary, "layers left out", .hidden)
      try lab.note(
        "sink_\(plan.name)",
        sink.map { breaks ? "leaves out layer \($0), its maker" : "kept (layer \($0))" } ?? "none",
        "the layer that makes the attention sink", .hidden)
    }
    try QualityTrial(language: language, plans: plans)
      .run(in: lab, count: data.count ?? Self.defaultPrompts)
  }

  func time(in lab: TimingLab) throws {
    let language = try lab.languageModel()
    let plans = try plans(language, lab)
    try lab.measureCeiling([lab.computeType])
    for plan in plans {
      for phase in PassWorkload.Phase.allCases {
        for size in batch.sizes {
          let workload = PassWorkload(
            phase, batch: size, tokens: tokens, model: language.decoder, type: lab.computeType)
          try lab.compare(
            TimedKey(phase: phase, batch: size, plan: plan.name).name, pairs: pairs(of: size),
            workload, under: plan.plan)
        }
      }
    }
  }

  /// A plan, and what it is called in rows.
  struct NamedPlan {
    static let names = ["seed's", "best", "given"]
    let name: String
    let plan: DepthPlan
  }

  /// What a comparison's name says.
  struct TimedKey {
    var phase: PassWorkload.Phase
    var batch: Int
    var plan: String

    init(phase: PassWorkload.Phase, batch: Int, plan: String) {
      (self.phase, self.batch, self.plan) = (phase, batch, plan)
    }

    init?(_ name: String) {
      let parts = name.split(separator: "_", maxSplits: 2).map(String.init)
      guard parts.count == 3, let phase = PassWorkload.Phase(rawValue: parts[0]),
        let batch = Int(parts[1])
      else { return nil }
      self.init(phase: phase, batch: batch, plan: parts[2])
    }

    var name: String { "\(phase.rawValue)_\(batch)_\(plan)" }
  }

  private func plans(_ language: LanguageModel, _ lab: Workbench) throws -> [NamedPlan] {
    if let layers, depth.mode == .hard {
      return [NamedPlan(name: "given", plan: try DepthPlan(hard: layers))]
    }
    var sets: [(name: String, layers: [Int])] = []
    if let layers {
      sets = [("given", try DepthPlan(hard: layers).skippedLayers)]
    } else {
      let quarters = try LayerRun.partition(
        layerCount: language.decoder.config.layerCount, into: 4)
      let seed = Array(quarters[1].layers) + Array(quarters[3].layers)
      sets = [("seed's", seed), ("best", try lab.bestSkip(of: seed.count, language).layers)]
    }
    return try zip(sets, lab.plans(leavingOut: sets.map(\.layers), depth, language)).map {
      NamedPlan(name: $0.name, plan: $1)
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report { SpeedReport(evidence).report }
}
