import Foundation
import Glibc

/// A result being made: rows go to a journal beside the file as they come, the file is written
/// whole.
///
/// Guarantees, whenever the process is killed:
/// - every row whose `append` returned is there when the run is opened again with `resume`;
/// - a complete result at `path` stays until `finish` puts the new one in its place;
/// - where there was none, `path` holds a readable file with `complete` = 0 and the rows up to a
///   few seconds ago.
///
/// One run writes a result at a time; a second is told so.
public final class ResultRun<Row: ResultRow> {
  /// The result file's path.
  public let path: String
  /// What was measured so far, resumed rows first.
  public private(set) var table: ResultTable<Row>
  /// Whether the result was complete already: there is nothing left to measure.
  public let isComplete: Bool
  /// Rows that an earlier, killed run left.
  public let resumedRowCount: Int

  private var provenance: Provenance
  private let journal: ResultJournal?
  private let earlierSeconds: Double
  private let opened = ContinuousClock.now
  private let publishesSnapshots: Bool
  private var nextSnapshot = ContinuousClock.now

  /// Where the journal of the result at `path` lies while its run goes on.
  public static func journalPath(for path: String) -> String { path + ".partial" }

  /// Opens the result at `path` for a run of `provenance`.
  ///
  /// With `resume`, rows of an earlier run of the same experiment, model, data, dtype, seed and
  /// parameters are taken over; without, its journal is dropped. Throws `ResultError` where what
  /// is there belongs to another run (saying what differs) or is damaged, the folder is missing or
  /// unwritable, or another process writes this result; what is there is then untouched.
  public init(_ path: String, provenance: Provenance, resume: Bool) throws {
    let journal = try ResultJournal(path: Self.journalPath(for: path))
    let wasEmpty = journal.isEmpty
    do {
      let earlier = resume ? try Self.earlier(path, journal, provenance) : nil
      self.path = path
      self.provenance = provenance
      self.provenance.wallSeconds = 0
      self.provenance.isComplete = false
      self.provenance.verdict = nil
      self.provenance.judgements = nil
      self.table = try earlier?.table(file: path) ?? ResultTable()
      self.isComplete = earlier?.provenance.isComplete ?? false
      self.resumedRowCount = earlier?.rows.count ?? 0
      self.earlierSeconds = earlier?.provenance.wallSeconds ?? 0
      if let earlier { self.provenance.continues(earlier.provenance) }
      if isComplete {
        self.journal = nil
        self.publishesSnapshots = false
        self.provenance = earlier?.provenance ?? provenance
        journal.remove()
        return
      }
      self.journal = journal
      self.publishesSnapshots = Self.mayBeReplaced(path)
      try begin(journal)
    } catch {
      if wasEmpty { journal.remove() }
      throw error
    }
  }

  /// Adds a row.
  ///
  /// Throws `ResultWriteError` where it can't be kept; earlier rows stay.
  public func append(_ row: Row) throws { try append(contentsOf: [row]) }

  /// Adds rows, all or none.
  ///
  /// Throws `ResultWriteError` where they can't be kept; earlier rows stay.
  public func append(contentsOf rows: [Row]) throws {
    let elapsed = elapsedSeconds
    try running().append(rows.map { .init(elapsed: elapsed, row: $0.values) })
    table.rows += rows
    try publishSnapshotIfDue()
  }

  /// Adds repeat times, in seconds, under `name`.
  ///
  /// Throws `ResultWriteError` where they can't be kept.
  public func appendTimings(_ name: String, seconds: [Double]) throws {
    precondition(!name.isEmpty && !name.contains("/"), "a timing's name is a dataset's name")
    let timing = ResultJournal.Timing(name: name, seconds: seconds)
    try running().append([.init(elapsed: elapsedSeconds, timing: timing)])
    table.timings[name, default: []] += seconds
  }

  /// Writes the complete result in place of what was at `path`, and returns it.
  ///
  /// Throws `ResultWriteError` where it can't; the journal then stays for another attempt.
  @discardableResult
  public func finish(
    judgements: [Judgement]?, summary: [SummaryValue] = [], tables: [DerivedTable] = [],
    figures: [Figure] = [], showsRows: Bool = true
  ) throws -> StoredResult {
    let journal = try running()
    table.summary = summary
    table.tables = tables
    table.figures = figures
    table.showsRows = showsRows
    provenance.judgements = judgements
    provenance.verdict = judgements?.first?.verdict
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

  /// The result as it stands.
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
  /// What an earlier run left that this one may go on from, or `nil`.
  private static func earlier(
    _ path: String, _ journal: ResultJournal, _ provenance: Provenance
  ) throws -> StoredResult? {
    let result: StoredResult
    let source: String
    if let contents = try journal.contents() {
      (result, source) = (StoredResult(contents), journal.path)
    } else if FileManager.default.fileExists(atPath: path) {
      (result, source) = (try ResultFile.read(path), path)
    } else {
      return nil
    }
    if let obstacle = provenance.obstacle(toResuming: result.provenance) {
      throw ResultError(
        file: source,
        problem: "cannot resume: \(obstacle.name) was \(obstacle.stored), "
          + "now \(obstacle.now)")
    }
    if let difference = StoredResult.difference(
      from: result.columns, to: Row.columns.map(\.column))
    {
      throw ResultError(file: source, problem: "cannot resume: \(difference)")
    }
    return result
  }

  /// Brings the journal to hold exactly the rows at hand.
  private func begin(_ journal: ResultJournal) throws {
    if resumedRowCount > 0 || !table.timings.isEmpty, try journal.contents() != nil {
      try journal.cutTornTail()
    } else {
      let header = ResultJournal.Header(
        provenance: provenance, columns: Row.columns.map(\.column))
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

  /// Whether nothing lies at `path`, or an unfinished result.
  private static func mayBeReplaced(_ path: String) -> Bool {
    if !FileManager.default.fileExists(atPath: path) { return true }
    guard let result = try? ResultFile.read(path) else { return false }
    return !result.provenance.isComplete
  }

  /// Publishes the unfinished result now and then, at a thirtieth of the time at most.
  private func publishSnapshotIfDue() throws {
    guard publishesSnapshots, ContinuousClock.now >= nextSnapshot else { return }
    let start = ContinuousClock.now
    try ResultFile.write(stored, to: path)
    nextSnapshot = ContinuousClock.now + max(.seconds(5), start.duration(to: .now) * 30)
  }
}

extension StoredResult {
  /// What a journal holds.
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
  /// Takes over when the run began, and says so where the source has changed since.
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
