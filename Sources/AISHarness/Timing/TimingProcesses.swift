import AISKit
import Foundation

/// The task of a process that times things: its number, and the result that takes its times.
struct TimingPlace {
  static let variable = "AIS_TIMING_PLACE"

  /// Which process this is, from 0.
  let process: Int
  /// The path of the result that is being made.
  let result: String
  /// The journal that the process writes.
  var journal: String { result + ".process" }

  /// The task that this process was started for; `nil` if it was started by a user.
  static var current: TimingPlace? {
    guard let text = ProcessInfo.processInfo.environment[variable],
      let space = text.firstIndex(of: " "), let process = Int(text[..<space])
    else { return nil }
    return TimingPlace(process: process, result: String(text[text.index(after: space)...]))
  }

  var text: String { "\(process) \(result)" }
}

extension Experiment {
  /// Starts the processes that have not timed yet, one after another, and takes over their rows.
  ///
  /// A process is a unit of the statistics, so one that was killed begins again.
  func timeInProcesses(
    _ run: ResultRun<Row>, _ setting: LabSetting, _ results: [String: Prerequisites.Found],
    _ progress: PlanProgress
  ) throws {
    let done = Set(run.evidence.rows(of: TimingProcess.self).map(\.process))
    for process in 0..<processes where !done.contains(process) {
      if Self.timesInside {
        var entries: [ResultJournal.Entry] = []
        let lab = TimingLab(
          setting, results: results, progress: progress, process: process,
          measured: run.evidence.raw
        ) { entries.append($0) }
        try time(in: lab)
        try lab.finish()
        try run.append(entries, raw: Self.allRawTables)
        continue
      }
      StandardStreams.say("  times    process \(process + 1) of \(processes)")
      let place = TimingPlace(process: process, result: run.path)
      setenv(TimingPlace.variable, place.text, 1)
      defer { unsetenv(TimingPlace.variable) }
      let status = try ChildProcess.run(
        OwnExecutable.file, Array(CommandLine.arguments.dropFirst()))
      guard status == 0 else { throw TimingProcessError(process: process, status: status) }
      let journal = try ResultJournal(path: place.journal)
      defer { journal.remove() }
      try run.append(journal.contents()?.entries ?? [], raw: Self.allRawTables)
    }
  }

  /// Times everything once and writes the times to the journal that the starting process named.
  func timeOnce(_ place: TimingPlace) throws {
    let setting = try LabSetting(of: self)
    // The process that started this one has told the plan.
    let progress = PlanProgress(RunPlan(parts: []), in: nil, say: { _ in })
    let results = try setting.prerequisites.ensure(
      needs.results, progress: progress, say: StandardStreams.say)
    Threads.count = setting.threadCount
    var measured = Evidence<Row>()
    let entries = try ResultJournal.contents(of: ResultRun<Row>.journalPath(for: place.result))?
      .entries
    for entry in entries ?? [] { measured.take(entry, raw: Self.allRawTables) }
    let journal = try ResultJournal(path: place.journal)
    try journal.begin(
      .init(
        provenance: try provenance(setting, Parameters(of: self), results),
        columns: Row.columns.map(\.column)))
    let lab = TimingLab(
      setting, results: results, progress: progress, process: place.process,
      measured: measured.raw
    ) { try journal.append([$0]) }
    try time(in: lab)
    try lab.finish()
    try journal.sync()
  }
}

/// A process that times things failed; what it printed says why.
struct TimingProcessError: Error, Equatable, CustomStringConvertible {
  let process: Int
  let status: Int32

  var description: String {
    "process \(process + 1), which times, ended with exit status \(status); what it says above "
      + "comes first; earlier ones are kept"
  }
}
