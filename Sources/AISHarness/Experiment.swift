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

  /// What these options need first: results of other experiments, the map, bridges. What is missing
  /// for the model and the data at hand is made first.
  var needs: [Need] { get }

  /// The number of items from which on a run is a whole one; with fewer, what it needs and lacks is
  /// made smaller too (see `PreparationSize`). `nil`: the number of items decides nothing about that.
  static var wholeFrom: Int? { get }

  /// How much work these options ask for, the experiment's own alone; `nil` where nobody can tell.
  func workload(in setting: WorkSetting) -> Workload?

  /// Files besides model and data that decide about the rows, by what they are; their digests go
  /// into the provenance, so that a run is never taken up with other files.
  var inputFiles: [(name: String, path: String)] { get }

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

  /// The one of its number.
  public var makeTarget: MakeTarget { MakeTarget("exp-\(Self.card.id)") }

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

  /// Nothing.
  public var needs: [Need] { [] }

  /// Every run is a whole one.
  public static var wholeFrom: Int? { nil }

  /// Nobody can tell.
  public func workload(in setting: WorkSetting) -> Workload? { nil }

  /// None.
  public var inputFiles: [(name: String, path: String)] { [] }

  /// One file a model and number format.
  public var variant: String { "" }

  /// Runs the experiment, or prints its card and variables with `--describe`, or says with `--plan`
  /// and options what they would do, or judges a stored result again with `--rejudge FILE`; ends the
  /// process.
  public static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--describe"] {
      print(ExperimentDescription.text(of: Self.self))
      return
    }
    if arguments.first == Rejudgement.flag {
      HarnessMain.end(with: Rejudgement.outcome(of: Self.self, Array(arguments.dropFirst())))
    }
    if let flag = arguments.first, [PlanCommand.flag, PlanCommand.dataFlag].contains(flag) {
      HarnessMain.end(
        with: PlanCommand.outcome(
          of: Self.self, Array(arguments.dropFirst()), asData: flag == PlanCommand.dataFlag))
    }
    HarnessMain.run(Self.self)
  }

  /// Measures, judges, and writes the file, the page and its pictures.
  public mutating func run() throws {
    let card = Self.card
    print(card.text)
    let parameters = Parameters(of: self)
    let setting = try LabSetting(of: self)
    let folder = output.folder.appendingPathComponent(card.name, isDirectory: true)
    do {
      try FileBytes.makeFolder(folder)
    } catch let error as ResultWriteError {
      // Nothing has been measured yet: it is the request that is wrong.
      throw ResultError(file: error.file, problem: "cannot create this folder: \(error.problem)")
    }
    func say(_ line: String) {
      print(line)
      fflush(nil)
    }
    let (plan, work) = try plan(setting)
    let place = PlanProgress.Place()
    // A part of a larger plan has been told with that.
    if place == nil { plan.lines.forEach(say) }
    let progress = PlanProgress(plan, in: place, say: say)
    let results = try setting.prerequisites.ensure(needs.results, progress: progress, say: say)
    let file = folder.appendingPathComponent(setting.fileName(variant: fullVariant))
    let run = try open(file, provenance: provenance(setting, parameters, results))
    if run.resumedRowCount > 0 {
      print("  resumes  behind \(run.resumedRowCount) rows of a run that was cut off")
    }
    fflush(nil)
    Threads.count = setting.threadCount
    let lab = Lab(
      run: run, setting: setting, results: results, progress: progress, folder: folder)
    let seconds = try progress.during(card.name) { try measure(in: lab) }.seconds
    if run.resumedRowCount == 0, let tokens = work.tokens {
      setting.rates.keep(
        .init(tokens: tokens, seconds: seconds - work.extraSeconds), of: card.name)
    }
    var table = run.table
    (table.summary, table.tables) = (lab.summary, lab.tables)
    let verdict = Self.judge(table)
    let findings = Self.findings(table)
    let tables = findings.isEmpty ? lab.tables : [CriterionOutcome.table(findings)] + lab.tables
    try run.finish(
      verdict: verdict, summary: lab.summary, tables: tables, figures: lab.figures,
      showsRows: card.showsRows)
    let report = try ResultReport.write(card.name, in: output.folder)
    print("  verdict  \(verdict)")
    print("  page     \(report.page.relativePath)")
    print("  file     \(file.relativePath)")
    for figure in report.figures { print("  figure   \(figure.relativePath)") }
    report.sayRemarks()
  }

  /// Opens the result; takes up the rows of a run that was cut off, never those of a whole one.
  private func open(_ file: URL, provenance: Provenance) throws -> ResultRun<Row> {
    let journal = ResultRun<Row>.journalPath(for: file.path)
    // A journal without a line is of a run that was cut off before it began; what lies beside it
    // may be whole.
    let wasCutOff =
      FileManager.default.contents(atPath: journal)?.contains(UInt8(ascii: "\n")) ?? false
    do {
      return try ResultRun(
        file.path, provenance: provenance, resume: output.resume && wasCutOff)
    } catch let error as ResultError where error.problem.hasPrefix("cannot resume") {
      throw ResultError(
        file: error.file, problem: error.problem + "; --no-resume (make: RESUME=0) begins anew")
    }
  }

  private func provenance(
    _ setting: LabSetting, _ parameters: Parameters, _ results: [String: Prerequisites.Found]
  ) throws -> Provenance {
    var provenance = try Provenance.collect(
      experiment: Self.card.name, model: setting.model,
      data: Self.dataFiles.map { ($0, setting.dataFiles[$0]) }, dtype: model.dtype.rawValue,
      seed: setting.seed, threads: setting.threadCount)
    provenance.criteria = Self.card.criteria.map(\.text)
    provenance.title = Self.card.title
    provenance.question = Self.card.question
    provenance.parameters = parameters.values
    for file in inputFiles {
      provenance.parameters["\(file.name)_sha256"] = try FileDigest.sha256(
        of: URL(fileURLWithPath: file.path))
    }
    for (id, found) in results {
      provenance.parameters["exp\(id)_sha256"] = try FileDigest.sha256(
        of: URL(fileURLWithPath: found.file))
      provenance.parameters["exp\(id)_n"] = "\(found.items)"
    }
    if needs.contains(.map) { provenance.parameters["map_n"] = "\(setting.mapPrompts)" }
    provenance.variant = fullVariant
    provenance.makeLine = MakeLine.text(of: self)
    return provenance
  }
}
