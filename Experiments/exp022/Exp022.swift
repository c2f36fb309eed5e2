// exp022: does token exit save time?
//
// The seed runs every layer for every token and then picks an earlier output. A token's exit saves
// nothing there, and in generation counts only once the whole batch agrees. So its published gains
// of 5 to 10 % are noise or another program's. Here exited rows are removed from the batch, so time
// follows the rows that the loop counts. It is compared with the machine's ideal for the same work,
// with routers inside the clock, compaction on and off, and three ways to fill the cache of exited
// rows.
//
// Run: make exp-022. About twenty minutes on two cores in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp022: Experiment {
  static let card = ExperimentCard(
    id: "022", title: "Time saved by token exit",
    question: "Does a token that leaves early save its share of the time, in batches too?",
    claim: "Token exit costs nothing where nobody leaves and saves its share where some do.",
    criteria: [
      Criterion(
        "overhead",
        "routers behind every checkpoint, nobody leaving: at most \(overheadPercent) % more time, "
          + "at every batch size"),
      Criterion(
        "efficiency of one",
        "decode of 1, all leaving behind the router nearest half depth: speed-up ≥ "
          + "\(efficiencyOfOne) of the ideal for the measured mean depth"),
      Criterion(
        "efficiency in batches",
        "decode of more, all leaving behind the router nearest half depth: speed-up ≥ "
          + "\(efficiencyInBatches) of the ideal for the measured mean depth"),
      Criterion(
        "routed",
        "decode by the trained routers at threshold \(trialThreshold): faster than the full model "
          + "at every batch size"),
      Criterion(
        "possible", "no rate above the machine's ceilings of the same run: else the run fails"),
    ],
    cost: "about twenty minutes on two cores in float32, 2 GB of memory")
  static let overheadPercent = 3
  static let efficiencyOfOne = 0.9
  static let efficiencyInBatches = 0.85
  static let fewestPairs = 20
  /// Variants with a criterion run this many times as often as those only shown in tables.
  static let judgedTimes = 4
  /// Low enough that many rows exit.
  static let trialThreshold = 0.5
  static let dataFiles = [DataFiles.dolly]
  static let unusedOptions = [
    "n": "it takes as many prompts as the largest size of --batch",
    "thresholds": "what is timed is fixed; --router alone may differ",
    "min-layers": "what is timed is fixed; --router alone may differ",
    "kv-fill": "what is timed is fixed; --router alone may differ",
  ]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var readout: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "Batch sizes.") var batch: String = "1,4,8"
  @Option(
    help: "Pairs of timed runs of each variant, four times as many where the claim is judged.")
  var pairs: Int = 20
  @Option(help: "Tokens of each prompt.") var tokens: Int = 64

  static let variantOptions: Set = ["router", "readout"]

  var variant: String { readout.label(exit) }
  var needs: [Need] { exit.needs + readout.needs }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }

  func validate() throws {
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if tokens < 1 { throw ValidationError("--tokens \(tokens): expected at least 1") }
    _ = try batchSizes()
  }

  func workload(in setting: WorkSetting) -> Workload? {
    guard let sizes = try? batchSizes() else { return nil }
    var runs = 0
    var work = 0.0
    for phase in SpeedPhase.allCases {
      for size in sizes {
        for variant in SpeedVariant.all(of: phase) {
          let item = SpeedItem(phase: phase, batch: size, variant: variant)
          let count = item.criterion == nil ? pairs : pairs * Self.judgedTimes
          runs += 1
          // The variant takes about as long as the full model.
          let steps = Workload.decoding(
            steps: phase == .prefill ? 1 : SpeedWorkload.steps + 1, batch: size)
          work +=
            Double(2 * (count + 2)) * (steps + (phase == .prefill ? Double(tokens * size) : 0))
        }
      }
    }
    return Workload(
      "\(runs) phases × batches × variants, \(pairs) pairs or more of each", tokens: work)
  }

  private func batchSizes() throws -> [Int] {
    let sizes = batch.split(separator: ",").map { Int($0.trimmingPrefix(" ")) ?? 0 }
    guard !sizes.isEmpty, sizes.allSatisfy({ (1...256).contains($0) }) else {
      throw ValidationError("--batch '\(batch)': expected sizes from 1 to 256, as 1,4,8")
    }
    return sizes
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try LanguageModel(path: lab.model.path, type: lab.computeType)
    let routers = try lab.routers(option: exit.router)
    try routers.validate(for: language.decoder.config)
    let sizes = try batchSizes()
    let workload = try SpeedWorkload(
      language, prompts: DataFiles.prompts(lab.dataFile(DataFiles.dolly)),
      count: sizes.max() ?? 1, tokens: tokens, seed: lab.seed)
    lab.say(
      "  work     \(workload.prompts.count) prompts of the test split, the first "
        + "\(workload.promptLength) tokens of each; \(SpeedWorkload.steps) tokens of the full "
        + "model's answer given one by one")
    let allowed = routers.configuration.exits(layerCount: language.decoder.config.layerCount)
    let bridges = try lab.exitBridges(behind: routers.layers, readout, language)
    let oracle = try SpeedOracle(
      language.decoder, workload, checkpoints: routers.layers.filter(allowed.contains), bridges)
    let trial = try SpeedTrial(
      language.decoder, lab.computeType, workload, routers, oracle, bridges, in: lab)
    let items = SpeedPhase.allCases.flatMap { phase in
      sizes.flatMap { size in
        SpeedVariant.all(of: phase).map { SpeedItem(phase: phase, batch: size, variant: $0) }
      }
    }
    try lab.measureEach(
      items, "phases × batches × variants", by: \.key,
      rowKey: { "\($0.phase) \($0.batch) \($0.variant)" },
      { try trial.row($0, pairs: $0.criterion == nil ? pairs : pairs * Self.judgedTimes, in: lab) })
    SpeedTables.report(in: lab)
  }

  static func findings(_ table: ResultTable<Row>) -> [NamedFinding] {
    table.rows.compactMap { row in
      SpeedCriterion(variant: row.variant, phase: row.phase).map { criterion in
        let pairs = table.timings["\(row.timingName)_variant"]?.count ?? 0
        return NamedFinding(
          "\(criterion), \(row.phase) of \(row.batch)", finding(criterion, row, pairs: pairs))
      }
    }
  }

  private static func finding(_ criterion: SpeedCriterion, _ row: Row, pairs: Int) -> Finding {
    func atLeast(
      _ threshold: Double, _ value: Double, _ lower: Double, _ upper: Double
    ) -> Finding {
      .atLeast(
        Estimate(value: value, interval: Interval(lower: lower, upper: upper), count: pairs),
        threshold: threshold, of: "pairs", fewest: fewestPairs)
    }
    switch criterion {
    case .overhead:
      // At most 3 % more time is a speed-up of at least 1 / 1.03.
      return atLeast(
        1 / (1 + Double(overheadPercent) / 100), row.speedup, row.speedupLower, row.speedupUpper)
    case .efficiency:
      return atLeast(
        row.batch == 1 ? efficiencyOfOne : efficiencyInBatches, row.depthEfficiency,
        row.depthEfficiencyLower, row.depthEfficiencyUpper)
    case .routed:
      return atLeast(1, row.speedup, row.speedupLower, row.speedupUpper)
    }
  }
}
