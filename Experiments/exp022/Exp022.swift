// exp022: does token exit save time?
//
// The seed runs every layer for every token and then picks an earlier output. A token's exit saves
// nothing there, and in generation counts only once the whole batch agrees. So its published gains
// of 5 to 10 % are noise or another program's. Here exited rows are removed from the batch, so time
// follows the rows that the loop counts. Thirty-two prompts and the full model's answers to them are
// given, in batches of different prompts. Every variant's exits are counted on all of these tokens.
// Its time is measured in turns with the full model's, stretch by stretch, and compared with the
// machine's ideal for the work that was counted.
//
// Run: make exp-022. About forty minutes on two cores in float32.

import AISHarness
import AISKit
import ArgumentParser

@main
struct Exp022: Experiment {
  static let card = ExperimentCard(
    id: "022", title: "Time saved by token exit",
    question: "Does a token that exits early save its share of the time, in batches too?",
    claim: "Token exit costs nothing where no token exits and saves its share where some do.",
    criteria: [
      Criterion(
        "overhead",
        "routers after every checkpoint, no token exits: at most \(overheadPercent) % more time, at "
          + "every batch size"),
      Criterion(
        "efficiency of one",
        "decode of 1, all tokens exit after the router nearest half depth: speed-up ≥ "
          + "\(efficiencyOfOne) of the ideal for the measured mean depth"),
      Criterion(
        "efficiency in batches",
        "decode of more, all tokens exit after the router nearest half depth: speed-up ≥ "
          + "\(efficiencyInBatches) of the ideal for the measured mean depth"),
      Criterion(
        "routed",
        "decode by the trained routers at threshold \(trialThreshold): faster than the full model "
          + "at every batch size"),
      Criterion(
        "possible", "no rate above the machine's ceilings of the same run: else the run fails"),
    ],
    cost: "about forty minutes on two cores in float32, 2 GB of memory", showsRows: false)
  static let overheadPercent = 3
  static let efficiencyOfOne = 0.9
  static let efficiencyInBatches = 0.85
  /// Low enough that many rows exit.
  static let trialThreshold = 0.5
  static let dataFiles = [DataFiles.dolly]
  static let defaultPrompts = 32
  static let defaultCount: DefaultCount? = .items(defaultPrompts)
  /// Longer prompts are left out, as in exp023.
  static let longestPrompt = 160
  static let rawTables: [any RawRow.Type] = [GivenText.self]
  static let unusedOptions = [
    "thresholds": "what is timed is fixed; --router alone may differ",
    "min-layers": "what is timed is fixed; --router alone may differ",
    "kv-fill": "what is timed is fixed; --router alone may differ",
  ]

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var exit: RouterOptions
  @OptionGroup var readout: ReadoutOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var timing: TimingOptions
  @Option(help: "Batch sizes; each batch has different prompts.") var batch = BatchSizes([1, 4, 8])
  @Option(
    help: "Fewest pairs in a process where the claim is judged; elsewhere a third of them.")
  var pairs: Int = 8

  static let variantOptions: Set = ["router", "readout"]

  var variant: String { readout.label(exit) }
  var needs: [Need] { exit.needs + readout.needs }
  var inputFiles: [(name: String, path: String)] { exit.inputFiles }
  var processes: Int { timing.processes }
  var extents: [String: Int] { ["processes": timing.processes] }
  private var count: Int { data.count ?? Self.defaultPrompts }

  func validate() throws {
    if pairs < 1 { throw ValidationError("--pairs \(pairs): expected at least 1") }
    if let size = batch.sizes.first(where: { !count.isMultiple(of: $0) }) {
      throw ValidationError("--n \(count): expected full batches of \(size)")
    }
  }

  func workload(in setting: WorkSetting) -> Workload? {
    let length = setting.prompts(count, of: .test, atMost: Self.longestPrompt)
    let mean = length.tokens / Double(max(length.count, 1))
    // An answer is written, then read by every layer's readout.
    var tokens = Double(count) * (Workload.decoding(steps: GivenText.steps) + 2 * mean)
    for item in SpeedItem.all(batch.sizes) {
      let prefill = mean * Double(item.batch)
      let steps = Workload.decoding(steps: item.stretches * item.passes, batch: item.batch)
      let counted = Double(count / item.batch) * (prefill + steps)
      // The variant takes about as long as the full model.
      let timed = Double(2 * visits(of: item) * processes) * (prefill + steps)
      tokens += counted + timed
    }
    return Workload(
      "\(Workload.count(count, "prompts")) × \(GivenText.steps) tokens in "
        + "\(SpeedItem.all(batch.sizes).count) phases × batches × variants, counted once, timed in "
        + "\(processes) processes", tokens: tokens)
  }

  /// How many batches a process times.
  ///
  /// Where the claim is judged, five processes cover every prompt and every step.
  private func visits(of item: SpeedItem) -> Int {
    let groups = count / item.batch
    func rounded(_ number: Int, _ divisor: Int) -> Int { (number + divisor - 1) / divisor }
    let visits = max(
      rounded(pairs, item.stretches), rounded(groups, Finding.fewestProcesses))
    return item.criterion == nil ? rounded(visits, 3) : visits
  }

  func measure(in lab: Lab<Row>) throws {
    let language = try lab.languageModel()
    let routers = try lab.routers(option: exit.router)
    let bridges = try lab.exitBridges(behind: routers.layers, readout, language)
    try GivenText.measure(
      count, DataFiles.prompts(lab.dataFile(DataFiles.dolly)), language, routers, bridges, in: lab)
    let trial = SpeedTrial(
      language.decoder, lab.computeType, lab.rows(of: GivenText.self), routers, bridges)
    for item in SpeedItem.all(batch.sizes) {
      try lab.measureEach(
        Array(0..<count), "\(item.name): exits of prompts", by: { "\(item.name) \($0)" },
        rowKey: \.key,
        { try trial.count(item).rows[$0] })
      if !lab.rows(of: SideWork.self).contains(where: { $0.comparison == item.name }) {
        try lab.record(raw: try trial.count(item).work)
      }
    }
    try lab.measureEach(
      Array(0..<count), "free generation: prompts", by: { "\(Row.free) \($0)" },
      rowKey: { "\($0.phase) \($0.prompt)" },
      { try trial.free($0, batch: batch.largest, endIDs: language.prompts.tokenizer.endIDs) })
  }

  func time(in lab: TimingLab) throws {
    let language = try lab.languageModel()
    let routers = try lab.routers(option: exit.router)
    let trial = try SpeedTrial(
      language.decoder, lab.computeType, lab.rows(of: GivenText.self), routers,
      lab.exitBridges(behind: routers.layers, readout, language))
    try lab.measureCeiling([lab.computeType])
    for item in SpeedItem.all(batch.sizes) {
      let (visits, groups) = (visits(of: item), count / item.batch)
      let chosen = (0..<visits).map { (lab.process * visits + $0) % groups }
      try lab.compare(
        item.name, pairs: visits * item.stretches,
        baseline: trial.side(item, isVariant: false, visiting: chosen),
        variant: trial.side(item, isVariant: true, visiting: chosen))
    }
  }

  static func report(_ evidence: Evidence<Row>) -> Report { SpeedReport(evidence).report }
}
