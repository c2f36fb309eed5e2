import Foundation
import Glibc

/// A result being made.
///
/// Rows are appended to a journal beside the file; the file itself is always written as a whole.
///
/// Guarantees, whenever the process is killed:
/// - every row whose `append` returned is there when the run is reopened with `resume`;
/// - a complete result at `path` stays until `finish` puts the new one in its place;
/// - if there was none, `path` holds a readable file with `complete` = 0 and the rows up to a
///   few seconds ago.
///
/// Only one run may write a result at a time; a second gets an error.
public final class ResultRun<Row: ResultRow> {
  /// The result file's path.
  public let path: String
  /// The rows and times so far, resumed ones first.
  public private(set) var table: ResultTable<Row>
  /// Whether the result was complete already: there is nothing left to measure.
  public let isComplete: Bool
  /// The number of rows from an earlier, killed run.
  public let resumedRowCount: Int
  /// What was wrong with the earlier run's files, in one line; `nil` if nothing was.
  public let resumeRemark: String?

  private var provenance: Provenance
  private let journal: ResultJournal?
  private let earlierSeconds: Double
  private let opened = ContinuousClock.now
  private let publishesSnapshots: Bool
  private let replacesRows: Bool
  private var hasPublishedEmpty = false
  private var nextSnapshot = ContinuousClock.now

  /// The path of the journal of the result at `path` while its run goes on.
  public static func journalPath(for path: String) -> String { path + ".partial" }

  /// Opens the result at `path` for a run of `provenance`.
  ///
  /// With `resume`, rows of an earlier run of the same experiment, model, data, dtype, seed and
  /// parameters are taken over; without, its journal is dropped. A run without rows is ignored,
  /// whatever its settings. With `takesUpWhole` a complete result is kept; without, it is measured
  /// again, and so is one that can't be read. Throws `ResultError` if the files belong to another
  /// run (it says what differs) or are damaged, the folder is missing or unwritable, or another
  /// process writes this result; the files are then untouched.
  public init(
    _ path: String, provenance: Provenance, resume: Bool, takesUpWhole: Bool = true
  ) throws {
    let journal = try ResultJournal(path: Self.journalPath(for: path))
    let wasEmpty = journal.isEmpty
    do {
      let contents = resume ? try journal.contents() : nil
      var remarks = [contents?.remark].compactMap { $0 }.map { "\(journal.path): \($0)" }
      let earlier =
        resume ? try Self.earlier(path, journal, contents, takesUpWhole, &remarks) : nil
      if let earlier { try Self.check(earlier, provenance) }
      self.resumeRemark = remarks.isEmpty ? nil : remarks.joined(separator: "\n")
      self.path = path
      self.provenance = provenance
      self.provenance.wallSeconds = 0
      self.provenance.isComplete = false
      self.provenance.verdict = nil
      self.provenance.judgements = nil
      self.table = try earlier?.result.table(file: path) ?? ResultTable()
      self.isComplete = earlier?.result.provenance.isComplete ?? false
      self.resumedRowCount = earlier?.result.rows.count ?? 0
      self.earlierSeconds = earlier?.result.provenance.wallSeconds ?? 0
      if let earlier { self.provenance.continues(earlier.result.provenance) }
      if isComplete {
        self.journal = nil
        self.publishesSnapshots = false
        self.replacesRows = false
        self.provenance = earlier?.result.provenance ?? provenance
        journal.remove()
        return
      }
      self.journal = journal
      let place = try? Place(path)
      self.publishesSnapshots = place?.mayBeReplaced ?? false
      self.replacesRows = place?.holdsRows ?? false
      // If a run began anew and was killed, resuming it must not bring back the older rows.
      let beginsAnew = !resume || contents?.header.beginsAnew == true
      try begin(journal, holdsRows: earlier?.source == journal.path, beginsAnew)
    } catch {
      if wasEmpty { journal.remove() }
      throw error
    }
  }

  /// Adds a row.
  ///
  /// Throws `ResultWriteError` if it can't be kept; earlier rows stay.
  public func append(_ row: Row) throws { try append(contentsOf: [row]) }

  /// Adds rows, all or none.
  ///
  /// Throws `ResultWriteError` if they can't be kept; earlier rows stay.
  public func append(contentsOf rows: [Row]) throws {
    let elapsed = elapsedSeconds
    try running().append(rows.map { .init(elapsed: elapsed, row: $0.values) })
    table.rows += rows
    try publishSnapshotIfDue()
  }

  /// Adds repeat times, in seconds, under `name`.
  ///
  /// Throws `ResultWriteError` if they can't be kept.
  public func appendTimings(_ name: String, seconds: [Double]) throws {
    precondition(!name.isEmpty && !name.contains("/"), "a timing's name is a dataset's name")
    let timing = ResultJournal.Timing(name: name, seconds: seconds)
    try running().append([.init(elapsed: elapsedSeconds, timing: timing)])
    table.timings[name, default: []] += seconds
  }

  /// Writes the complete result in place of what was at `path`, and returns it.
  ///
  /// Throws `ResultWriteError` if it can't; the journal then stays for another attempt.
  @discardableResult
  public func finish(
    judgements: [Judgement]?, summary: [SummaryValue] = [], tables: [DerivedTable] = [],
    figures: [Figure] = [], showsRows: Bool = true, shardItems: Int? = nil
  ) throws -> StoredResult {
    let journal = try running()
    table.summary = summary
    table.tables = tables
    table.figures = figures
    table.showsRows = showsRows
    provenance.judgements = judgements
    provenance.verdict = judgements?.first?.verdict
    provenance.shardItems = shardItems
    provenance.isComplete = true
    provenance.wallSeconds = elapsedSeconds
    let result = table.stored(provenance)
    do {
      try ResultFile.write(result, to: path)
    } catch {
      provenance.isComplete = false
      throw error
    }
    journal.remove()
    return result
  }

  /// Removes the journal and the file of a run that made neither row nor time; the run must not be
  /// used afterwards.
  public func discardIfEmpty() {
    guard !provenance.isComplete, table.rows.isEmpty, table.timings.isEmpty else { return }
    journal?.remove()
    if hasPublishedEmpty { unlink(path) }
  }

  /// The result so far.
  public var stored: StoredResult {
    var current = provenance
    if !isComplete { current.wallSeconds = elapsedSeconds }
    return table.stored(current)
  }

  private var elapsedSeconds: Double {
    let duration = opened.duration(to: .now).components
    return earlierSeconds + Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
  }

  private func running() throws -> ResultJournal {
    guard let journal, !provenance.isComplete else {
      throw ResultWriteError(file: path, problem: "the result is complete already")
    }
    return journal
  }
}

// MARK: - Opening

extension ResultRun {
  /// Rows or times of an earlier run, and the file that holds them.
  private typealias Earlier = (result: StoredResult, source: String)

  /// The rows and times of an earlier run, or `nil` if there are none.
  private static func earlier(
    _ path: String, _ journal: ResultJournal, _ contents: ResultJournal.Contents?,
    _ takesUpWhole: Bool, _ remarks: inout [String]
  ) throws -> Earlier? {
    if let contents, !contents.entries.isEmpty { return (StoredResult(contents), journal.path) }
    if contents?.header.beginsAnew == true { return nil }
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    // A journal, even without rows, means that a run was measuring a complete result anew.
    if takesUpWhole, contents == nil {
      let result = try ResultFile.read(path)
      return result.provenance.isComplete || result.holdsAny ? (result, path) : nil
    }
    do {
      let result = try ResultFile.read(path)
      return !result.provenance.isComplete && result.holdsAny ? (result, path) : nil
    } catch let error as ResultError {
      remarks.append("\(error); it is measured anew")
      return nil
    }
  }

  /// Throws if an earlier run's rows can't be mixed with rows of this one.
  private static func check(_ earlier: Earlier, _ provenance: Provenance) throws {
    if let obstacle = provenance.obstacle(toResuming: earlier.result.provenance) {
      throw ResultError(
        file: earlier.source,
        problem: "cannot resume: \(obstacle.name) was \(obstacle.stored), "
          + "now \(obstacle.now)")
    }
    if let difference = StoredResult.difference(
      from: earlier.result.columns, to: Row.columns.map(\.column))
    {
      throw ResultError(file: earlier.source, problem: "cannot resume: \(difference)")
    }
  }

  /// Makes the journal hold exactly the current rows.
  private func begin(
    _ journal: ResultJournal, holdsRows: Bool, _ beginsAnew: Bool
  ) throws {
    if holdsRows {
      try journal.cutTornTail()
    } else {
      let header = ResultJournal.Header(
        provenance: provenance, columns: Row.columns.map(\.column), beginsAnew: beginsAnew)
      try journal.begin(header)
      var entries = table.rows.map {
        ResultJournal.Entry(elapsed: earlierSeconds, row: $0.values)
      }
      for (name, seconds) in table.timings {
        entries.append(
          .init(elapsed: earlierSeconds, timing: .init(name: name, seconds: seconds)))
      }
      try journal.append(entries)
    }
    try publishSnapshotIfDue()
  }

  /// The file at the result's path.
  private struct Place {
    /// True if there is no file or an unfinished result.
    var mayBeReplaced = true
    /// True if it holds rows or times.
    var holdsRows = false

    init(_ path: String) throws {
      guard FileManager.default.fileExists(atPath: path) else { return }
      let result = try ResultFile.read(path)
      (mayBeReplaced, holdsRows) = (!result.provenance.isComplete, result.holdsAny)
    }
  }

  /// Writes the unfinished result now and then, in at most a thirtieth of the time.
  private func publishSnapshotIfDue() throws {
    guard publishesSnapshots, ContinuousClock.now >= nextSnapshot else { return }
    let isEmpty = table.rows.isEmpty && table.timings.isEmpty
    // A file without rows must not replace one with an earlier run's rows.
    if isEmpty, replacesRows { return }
    let start = ContinuousClock.now
    try ResultFile.write(stored, to: path)
    hasPublishedEmpty = isEmpty
    nextSnapshot = ContinuousClock.now + max(.seconds(5), start.duration(to: .now) * 30)
  }
}

extension StoredResult {
  /// Whether there is a row or a time.
  fileprivate var holdsAny: Bool { !rows.isEmpty || !timings.isEmpty }

  /// The contents of a journal as a result.
  fileprivate init(_ contents: ResultJournal.Contents) {
    self.init(
      provenance: contents.header.provenance, columns: contents.header.columns,
      rows: contents.entries.compactMap(\.row))
    for timing in contents.entries.compactMap(\.timing) {
      timings[timing.name, default: []] += timing.seconds
    }
    provenance.wallSeconds = contents.entries.last?.elapsed ?? 0
    provenance.isComplete = false
    provenance.verdict = nil
  }
}

extension Provenance {
  /// Keeps the earlier start time; records both commits if the source has changed since.
  fileprivate mutating func continues(_ earlier: Provenance) {
    startedUTC = earlier.startedUTC
    gitDirty = gitDirty || earlier.gitDirty
    if gitCommit != earlier.gitCommit, !earlier.gitCommit.hasSuffix(gitCommit) {
      gitCommit = "\(earlier.gitCommit) then \(gitCommit)"
    } else {
      gitCommit = earlier.gitCommit
    }
  }
}
