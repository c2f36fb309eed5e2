import AISKit
import ArgumentParser
import Foundation

/// A claim on trial: what it says, how it is measured, how it is judged.
///
/// An experiment is a command. It declares its card, its options and its row, measures, and judges;
/// everything around that (checking the request, provenance, resuming, files, the page, exit
/// statuses) is the same for all and lies here.
///
/// ```swift
/// @main struct Exp012: Experiment {
///   static let card = ExperimentCard(id: "012", …)
///   @OptionGroup var model: ModelOptions
///   @OptionGroup var output: OutputOptions
///   func measure(in lab: Lab<Row>) throws { … }
///   static func findings(_ table: ResultTable<Row>) -> [NamedFinding] { … }
/// }
/// ```
public protocol Experiment: ParsableCommand {
  /// What one measurement yields.
  associatedtype Row: ResultRow

  /// What the experiment claims, written before it runs.
  static var card: ExperimentCard { get }

  /// The data files it reads, by name; the starter set serves in the place of one that is absent.
  static var dataFiles: [String] { get }

  /// The numbers of experiments whose results this one reads, such as `015`; where one is missing
  /// for the model and the data at hand, it runs first.
  static var prerequisites: [String] { get }

  /// Those of `prerequisites` that these options leave needed; a file named in the place of an
  /// experiment's result spares that experiment.
  var neededPrerequisites: [String] { get }

  /// Safetensors files besides model and data that decide about the rows, by what they are; their
  /// digests go into the provenance, so that a run is never taken up with other files, and those
  /// made for another model are refused.
  var inputFiles: [(name: String, path: String)] { get }

  /// Whether several runs may share the measurement: its rows come from one call of
  /// `Lab.measureEach`, none of them takes its values from another, and no time is kept with them.
  static var runsInShards: Bool { get }

  /// Which model runs; declared as an option group.
  var model: ModelOptions { get }

  /// Where results go; declared as an option group.
  var output: OutputOptions { get }

  /// What tells this run's file from those of other settings, such as `soft`; empty by default.
  /// Settings that differ from the experiment's own and are not told here are added behind it.
  var variant: String { get }

  /// The options that `variant` tells.
  static var variantOptions: Set<String> { get }

  /// The make target that runs it with these settings; `exp-` and its number by default.
  var makeTarget: MakeTarget { get }

  /// Settings, as options and values, that results of prerequisites must have been made with.
  var prerequisiteSettings: [(option: String, value: String)] { get }

  /// Runs the model and records rows; the only place that touches a model.
  func measure(in lab: Lab<Row>) throws

  /// What the rows say about each criterion; the verdict follows from these unless `judge` says
  /// otherwise, and the page lists them.
  static func findings(_ table: ResultTable<Row>) -> [NamedFinding]

  /// What the rows say about the claim.
  ///
  /// Nothing but the table decides, so a verdict can be reached again from the file.
  static func judge(_ table: ResultTable<Row>) -> Verdict
}

extension Experiment {
  /// No data files.
  public static var dataFiles: [String] { [] }

  /// None.
  public static var variantOptions: Set<String> { [] }

  /// Not unless the experiment says so.
  public static var runsInShards: Bool { false }

  /// The one of its number.
  public var makeTarget: MakeTarget { MakeTarget("exp-\(Self.card.id)") }

  /// Those of their own.
  public var prerequisiteSettings: [(option: String, value: String)] { [] }

  /// The whole variant: what the experiment says, and every other setting that differs.
  var fullVariant: String {
    [variant, MakeLine.label(of: self)].filter { !$0.isEmpty }.joined(separator: "-")
  }

  /// None that a page could list.
  public static func findings(_ table: ResultTable<Row>) -> [NamedFinding] { [] }

  /// What all findings together say.
  public static func judge(_ table: ResultTable<Row>) -> Verdict {
    Verdict(findings(table).map(\.finding))
  }

  /// No other experiment.
  public static var prerequisites: [String] { [] }

  /// All of them.
  public var neededPrerequisites: [String] { Self.prerequisites }

  /// None.
  public var inputFiles: [(name: String, path: String)] { [] }

  /// One file a model and number format.
  public var variant: String { "" }

  /// Runs the experiment, or prints its card and variables with `--describe`, or judges a stored
  /// result again with `--rejudge FILE`; ends the process.
  public static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--describe"] {
      print(ExperimentDescription.text(of: Self.self))
      return
    }
    if arguments.first == Rejudgement.flag {
      HarnessMain.end(with: Rejudgement.outcome(of: Self.self, Array(arguments.dropFirst())))
    }
    HarnessMain.run(Self.self)
  }

  /// Measures, judges, and writes the file, the page and its pictures.
  public mutating func run() throws {
    let card = Self.card
    if let shard = output.shard, !Self.runsInShards {
      throw ValidationError(
        "--shard \(shard): expected none, since \(card.name) times its work or learns from its own "
          + "rows, so one run must measure all of it")
    }
    print(card.text)
    let parameters = Parameters(of: self)
    let setting = try setting(parameters)
    let folder = output.folder.appendingPathComponent(card.name, isDirectory: true)
    do {
      try FileBytes.makeFolder(folder)
    } catch let error as ResultWriteError {
      // Nothing has been measured yet: it is the request that is wrong.
      throw ResultError(file: error.file, problem: "cannot create this folder: \(error.problem)")
    }
    try setting.prerequisites.ensure(neededPrerequisites) {
      print($0)
      fflush(nil)
    }
    let file = folder.appendingPathComponent(setting.fileName(variant: fullVariant))
    let run = try open(file, provenance: provenance(setting, parameters))
    if run.resumedRowCount > 0 {
      print("  resumes  after \(run.resumedRowCount) rows of an earlier part of this run")
    }
    if let remark = run.resumeRemark { StandardStreams.writeError("\(remark)\n") }
    fflush(nil)
    Threads.count = setting.threadCount
    let lab = Lab(run: run, setting: setting, folder: folder)
    do {
      try measure(in: lab)
    } catch let end as ShardIsMeasured {
      guard setting.shard != nil else { throw end }
      return try finish(run, file, shardOf: end.itemCount)
    } catch {
      run.discardIfEmpty()
      throw error
    }
    try finish(run, file, lab)
  }

  /// Judges a whole run and writes the file, the page and its pictures.
  private func finish(_ run: ResultRun<Row>, _ file: URL, _ lab: Lab<Row>) throws {
    var table = run.table
    (table.summary, table.tables) = (lab.summary, lab.tables)
    let verdict = Self.judge(table)
    let findings = Self.findings(table)
    let tables = findings.isEmpty ? lab.tables : [CriterionOutcome.table(findings)] + lab.tables
    try run.finish(
      verdict: verdict, summary: lab.summary, tables: tables, figures: lab.figures,
      showsRows: Self.card.showsRows)
    let report = try ResultReport.write(Self.card.name, in: output.folder)
    print("  verdict  \(verdict)")
    print("  page     \(report.page.relativePath)")
    print("  file     \(file.relativePath)")
    for figure in report.figures { print("  figure   \(figure.relativePath)") }
    report.sayRemarks()
  }

  /// Writes the file of a shard, which nothing is computed from or judged by.
  ///
  /// The page is left alone: runs of other shards may end at the same moment.
  private func finish(
    _ run: ResultRun<Row>, _ file: URL, shardOf itemCount: Int
  ) throws {
    try run.finish(verdict: nil, showsRows: Self.card.showsRows, shardItems: itemCount)
    print("  verdict  none: a shard; ais results merge puts all of them together")
    print("  file     \(file.relativePath)")
  }

  /// Opens the result; takes up the rows of a run that was cut off, never those of a whole one.
  private func open(_ file: URL, provenance: Provenance) throws -> ResultRun<Row> {
    do {
      return try ResultRun(
        file.path, provenance: provenance, resume: output.resume, takesUpWhole: false)
    } catch let error as ResultError where error.problem.hasPrefix("cannot resume") {
      throw ResultError(
        file: error.file, problem: error.problem + "; --no-resume (make: RESUME=0) begins anew")
    }
  }

  private func setting(_ parameters: Parameters) throws -> LabSetting {
    var found: [String: URL] = [:]
    for name in Self.dataFiles {
      found[name] = try parameters.data?.find(name)
      if let place = found[name] { try DataFiles.check(name, at: place) }
    }
    return try LabSetting(
      model: model, output: output, data: parameters.data, seed: parameters.seed,
      prerequisiteSettings: prerequisiteSettings,
      isStarter: Self.dataFiles.contains { DataFiles.hasStarterSet($0) && found[$0] == nil },
      dataFiles: found)
  }

  private func provenance(_ setting: LabSetting, _ parameters: Parameters) throws -> Provenance {
    var provenance = try Provenance.collect(
      experiment: Self.card.name, model: setting.model,
      data: Self.dataFiles.map { ($0, setting.dataFiles[$0]) }, dtype: model.dtype.rawValue,
      seed: setting.seed, threads: setting.threadCount)
    provenance.criteria = Self.card.criteria.map(\.text)
    provenance.title = Self.card.title
    provenance.question = Self.card.question
    provenance.parameters = parameters.values
    for file in inputFiles {
      let foreign = try ModelArtefact(kind: "\(file.name)s", path: file.path)
        .check(usedWith: provenance.modelSHA256, parameters.foreign)
      provenance.parameters["\(file.name)_\(ModelArtefact.digestName)"] = foreign
      provenance.parameters["\(file.name)_sha256"] = try FileDigest.sha256(
        of: URL(fileURLWithPath: file.path))
    }
    for id in neededPrerequisites {
      let file = try setting.prerequisites.result(id).file
      provenance.parameters["exp\(id)_sha256"] = try FileDigest.sha256(
        of: URL(fileURLWithPath: file))
    }
    provenance.variant = fullVariant
    provenance.makeLine = MakeLine.text(of: self)
    provenance.shard = output.shard
    return provenance
  }
}
