import AISKit
import ArgumentParser
import Foundation

/// A claim that is tested: what it says, how it is measured, how it is judged.
///
/// An experiment is a command. It declares its card, its options and its rows, measures, and reports.
/// Everything else (checking the request, provenance, resuming, files, the page, exit statuses) is
/// the same for all experiments and is done here.
///
/// `measure` and `time` record raw rows only. `report` computes everything else from them: figures,
/// tables, pictures, verdicts. So a mended statistic is applied to old results without a model.
///
/// ```swift
/// @main struct Exp012: Experiment {
///   static let card = ExperimentCard(id: "012", …)
///   @OptionGroup var model: ModelOptions
///   @OptionGroup var output: OutputOptions
///   func measure(in lab: Lab<Row>) throws { … }
///   static func report(_ evidence: Evidence<Row>) -> Report { … }
/// }
/// ```
public protocol Experiment: ParsableCommand {
  /// The row that one measurement yields.
  associatedtype Row: ResultRow

  /// The rows of its raw tables beside the main rows.
  static var rawTables: [any RawRow.Type] { get }

  /// What the experiment claims, written before it runs.
  static var card: ExperimentCard { get }

  /// The card of a run in a number format on a device: the same, unless a criterion depends on one
  /// of them.
  static func card(for type: ComputeType, on device: DeviceName) -> ExperimentCard

  /// The data files it reads, by name; the starter set replaces absent ones.
  static var dataFiles: [String] { get }

  /// How many items it uses by default, if it takes `DataOptions`.
  static var defaultCount: DefaultCount? { get }

  /// Options of its groups that have no effect on it, and why; giving one is an error.
  static var unusedOptions: [String: String] { get }

  /// What these options need: results of other experiments, the map, bridges. Anything missing for
  /// this model and these data is made first.
  var needs: [Need] { get }

  /// The number of items from which on a run is full size. With fewer, missing needs are made
  /// smaller too (see `PreparationSize`). `nil`: needs are always made full size.
  static var wholeFrom: Int? { get }

  /// The experiment's own work with these options, without its needs; `nil` if unknown.
  func workload(in setting: WorkSetting) -> Workload?

  /// Other safetensors files that the rows depend on, by what they are. Their digests go into the
  /// provenance, so that a run is never resumed with other files; files made for another model are
  /// refused.
  var inputFiles: [(name: String, path: String)] { get }

  /// Whether several runs may share the measurement. Then its rows come from one call of
  /// `Lab.measureEach`, no row depends on another, and no times are kept with them.
  static var runsInShards: Bool { get }

  /// Which model runs; declared as an option group.
  var model: ModelOptions { get }

  /// Where results go; declared as an option group.
  var output: OutputOptions { get }

  /// A label that distinguishes this run's file from those of other settings, such as `soft`; empty
  /// by default. Other settings that differ from the defaults are appended to it.
  var variant: String { get }

  /// The options that `variant` already covers.
  static var variantOptions: Set<String> { get }

  /// The make target that runs it with these settings; `exp-` and its number by default.
  var makeTarget: MakeTarget { get }

  /// The options that only say how much is measured, and how much that is: `["n": 240]`.
  ///
  /// A run with larger sizes takes up the rows of a smaller one. So the items of a smaller run must
  /// be items of the larger one, and have the same keys.
  var extents: [String: Int] { get }

  /// How many processes time things, one after another; 0 if the experiment times nothing.
  var processes: Int { get }

  /// Runs the model and records rows.
  func measure(in lab: Lab<Row>) throws

  /// Times things, in a process of its own that is run as often as `processes` says, after
  /// `measure`.
  func time(in lab: TimingLab) throws

  /// Whether this process itself does the timing; only a test's experiment, which has no executable
  /// of its own, needs that.
  static var timesInside: Bool { get }

  /// Everything that the page says: findings about the criteria, figures, tables, pictures.
  ///
  /// It must follow from the evidence alone, so that it can be computed again from the file.
  static func report(_ evidence: Evidence<Row>) -> Report
}

extension Experiment {
  /// No data files.
  public static var dataFiles: [String] { [] }

  /// No default count.
  public static var defaultCount: DefaultCount? { nil }

  /// None.
  public static var unusedOptions: [String: String] { [:] }

  /// None.
  public static var variantOptions: Set<String> { [] }

  /// False by default.
  public static var runsInShards: Bool { false }

  /// The target `exp-` with the experiment's number.
  public var makeTarget: MakeTarget { MakeTarget("exp-\(Self.card.id)") }

  /// The whole variant: the experiment's own part, then every other setting that differs.
  var fullVariant: String {
    [variant, MakeLine.label(of: self)].filter { !$0.isEmpty }.joined(separator: "-")
  }

  /// Nothing: the rows are kept, and not judged.
  public static func report(_ evidence: Evidence<Row>) -> Report { Report() }

  /// None.
  public static var rawTables: [any RawRow.Type] { [] }

  /// None: a run of other sizes is another run.
  public var extents: [String: Int] { [:] }

  /// None.
  public var processes: Int { 0 }

  /// Nothing is timed.
  public func time(in lab: TimingLab) throws {}

  /// False.
  public static var timesInside: Bool { false }

  /// Its own raw tables, and those of timing.
  static var allRawTables: [any RawRow.Type] {
    [TimedPair.self, TimingProcess.self, SideWork.self] + rawTables
  }

  /// The card as it is.
  public static func card(for type: ComputeType, on device: DeviceName) -> ExperimentCard { card }

  /// The card of this run.
  private var ownCard: ExperimentCard { Self.card(for: model.dtype, on: model.device) }

  /// No needs.
  public var needs: [Need] { [] }

  /// Every run is full size.
  public static var wholeFrom: Int? { nil }

  /// Unknown.
  public func workload(in setting: WorkSetting) -> Workload? { nil }

  /// None.
  public var inputFiles: [(name: String, path: String)] { [] }

  /// Empty: one file per model and number format.
  public var variant: String { "" }

  /// Runs the experiment and ends the process.
  ///
  /// `--describe` prints the card and variables instead, `--plan` says what the other options would
  /// do, `--rejudge FILE` judges a stored result again.
  public static func main() {
    HarnessMain.takeFailuresAsErrors()
    TuningFile.use()
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--describe"] {
      let text = ExperimentDescription.text(of: Self.self)
      HarnessMain.end(with: HarnessMain.Outcome(status: .done, standardOutput: text))
    }
    if arguments.first == Rejudgement.flag {
      HarnessMain.end(
        with: HarnessMain.refusal()
          ?? Rejudgement.outcome(of: Self.self, Array(arguments.dropFirst())))
    }
    if let outcome = PlanCommand.outcome(of: Self.self, arguments) {
      HarnessMain.end(with: outcome)
    }
    // Rows are worth more than progress lines: a closed pipe must not end the run.
    signal(SIGPIPE, SIG_IGN)
    HarnessMain.run(Self.self)
  }

  /// Measures, judges, and writes the file, the page and its pictures.
  public mutating func run() throws {
    try checkRequest()
    if let place = TimingPlace.current { return try timeOnce(place) }
    let card = ownCard
    try StandardStreams.writeOutput(card.text + "\n")
    let parameters = Parameters(of: self)
    let setting = try LabSetting(of: self)
    let folder = output.folder.appendingPathComponent(card.name, isDirectory: true)
    do {
      try FileBytes.makeFolder(folder)
    } catch let error as ResultWriteError {
      // Nothing has been measured yet, so this counts as a wrong request.
      throw ResultError(file: error.file, problem: "cannot create this folder: \(error.problem)")
    }
    let (plan, work) = try plan(setting)
    let place = PlanProgress.Place()
    // Of a larger plan, the run that started this one has printed it.
    if place == nil {
      if let line = DeviceRemark.line(setting.device, setting.computeType) {
        StandardStreams.say(line)
      }
      plan.lines.forEach(StandardStreams.say)
    }
    let progress = PlanProgress(plan, in: place, say: StandardStreams.say)
    let results = try setting.prerequisites.ensure(
      needs.results, progress: progress, say: StandardStreams.say)
    let file = folder.appendingPathComponent(setting.fileName(variant: fullVariant))
    let run = try open(file, provenance: provenance(setting, parameters, results))
    if run.isComplete {
      sayVerdicts(run.stored.provenance.shownJudgements)
      StandardStreams.say(
        "  whole    \(file.relativePath): nothing left to measure; RESUME=0 measures it again")
      return
    }
    if run.resumedRowCount > 0 {
      StandardStreams.say(
        "  resumes  after \(run.resumedRowCount) rows of an earlier part of this run")
    }
    if let remark = run.resumeRemark { StandardStreams.writeError("\(remark)\n") }
    Threads.count = setting.threadCount
    let lab = Lab(
      run: run, setting: setting, results: results, progress: progress, folder: folder)
    let seconds: Double
    do {
      seconds = try progress.during(card.name) {
        try measure(in: lab)
        try timeInProcesses(run, setting, results, progress)
      }.seconds
    } catch let end as ShardIsMeasured {
      guard setting.shard != nil else { throw end }
      return try finish(run, file, shardOf: end.itemCount)
    } catch {
      run.discardIfEmpty()
      throw error
    }
    if run.resumedRowCount == 0, let tokens = work.tokens {
      setting.rates.keep(
        .init(tokens: tokens, seconds: seconds - work.extraSeconds), of: card.name)
    }
    try finish(run, file)
  }

  /// Checks options against each other, and that the device can be used.
  ///
  /// Throws `ValidationError` for a request that the experiment cannot fulfil, `RequestError` that says
  /// what the device lacks.
  func checkRequest() throws {
    try MakeLine.refuseUnused(self)
    if let shard = output.shard, !Self.runsInShards {
      throw ValidationError(
        "--shard \(shard): expected none, since \(Self.card.name) times its work or learns from its "
          + "own rows, so one run must measure all of it")
    }
    try model.device.check(model.dtype)
  }

  /// Judges a whole run and writes the file, the page and its pictures.
  private func finish(_ run: ResultRun<Row>, _ file: URL) throws {
    let result = try run.finish(Self.report(run.evidence), card: ownCard)
    let report = try ResultReport.write(
      ResultReport.pageName(of: result.provenance), in: output.folder)
    sayVerdicts(result.provenance.shownJudgements)
    StandardStreams.say("  page     \(report.page.relativePath)")
    StandardStreams.say("  file     \(file.relativePath)")
    for figure in report.figures { StandardStreams.say("  figure   \(figure.relativePath)") }
    report.sayRemarks()
  }

  private func sayVerdicts(_ judgements: [Judgement]) {
    for judgement in judgements {
      let claim = judgement.claim.isEmpty ? "" : "\(judgement.claim): "
      StandardStreams.say("  verdict  \(claim)\(judgement.text)")
    }
  }

  /// Writes the file of a shard, without tables and verdicts.
  ///
  /// The page is left alone: runs of other shards may end at the same moment.
  private func finish(
    _ run: ResultRun<Row>, _ file: URL, shardOf itemCount: Int
  ) throws {
    try run.finish(nil, card: Self.card, shardItems: itemCount)
    StandardStreams.say("  verdict  none: a shard; ais results merge puts all of them together")
    StandardStreams.say("  file     \(file.relativePath)")
  }

  /// Opens the result; resumes a run that was cut off, never a complete one.
  private func open(_ file: URL, provenance: Provenance) throws -> ResultRun<Row> {
    do {
      return try ResultRun(
        file.path, provenance: provenance, raw: Self.allRawTables, resume: output.resume)
    } catch let error as ResultError where error.problem.hasPrefix("cannot resume") {
      throw ResultError(
        file: error.file, problem: error.problem + "; --no-resume (make: RESUME=0) begins anew")
    }
  }

  func provenance(
    _ setting: LabSetting, _ parameters: Parameters, _ results: [String: Prerequisites.Found]
  ) throws -> Provenance {
    var provenance = try Provenance.collect(
      experiment: Self.card.name, model: setting.model,
      data: Self.dataFiles.map { ($0, setting.dataFiles[$0]) }, dtype: model.dtype.rawValue,
      seed: setting.seed, threads: setting.threadCount, device: setting.device)
    provenance.criteria = ownCard.criteria.map(\.text)
    provenance.title = Self.card.title
    provenance.question = Self.card.question
    provenance.parameters = parameters.values
    // A shard of a smaller run has other items, so it is no part of a larger run's shard.
    provenance.extents = output.shard == nil ? extents : nil
    for file in inputFiles {
      let foreign = try ModelArtefact(kind: "\(file.name)s", path: file.path)
        .check(usedWith: provenance.modelSHA256, parameters.foreign)
      provenance.parameters["\(file.name)_\(ModelArtefact.digestName)"] = foreign
      provenance.parameters["\(file.name)_sha256"] = try FileDigest.sha256(
        of: URL(fileURLWithPath: file.path))
    }
    for (id, found) in results {
      provenance.parameters["exp\(id)_rows_sha256"] = found.result.rowsDigest
      provenance.parameters["exp\(id)_n"] = "\(found.items)"
    }
    if needs.contains(.map) { provenance.parameters["map_n"] = "\(setting.mapPrompts)" }
    provenance.variant = fullVariant
    provenance.makeLine = MakeLine.text(of: self)
    provenance.shard = output.shard
    return provenance
  }
}
