import AISKit
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
  /// What was measured so far, by earlier parts of the run first.
  public private(set) var evidence: Evidence<Row>
  /// Whether the result was complete already: there is nothing left to measure.
  public let isComplete: Bool
  /// The number of rows from an earlier part of the run.
  public let resumedRowCount: Int
  /// What was wrong with the earlier run's files, in one line; `nil` if nothing was.
  public let resumeRemark: String?

  private var provenance: Provenance
  /// The complete result that was there.
  private let whole: StoredResult?
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
  /// With `resume`, rows of an earlier run of the same experiment, model, data, dtype, device,
  /// seed and parameters are taken over; without, its journal is dropped. A run without rows is ignored,
  /// whatever its settings.
  ///
  /// A complete result of this code and processor is whole if it is at least as large as the run
  /// (`Provenance.extents`). A larger run continues after its rows; it takes the times anew if they
  /// are of another processor or other kernels. Any other complete result, and one that can't be
  /// read, is measured anew and stays until the new one is whole.
  ///
  /// - Parameters:
  ///   - path: the result's file.
  ///   - provenance: the run's.
  ///   - raw: the types of the rows of its raw tables.
  ///   - resume: whether earlier rows are taken over.
  /// - Throws: `ResultError` if an unfinished run's settings differ (it says what), the folder is
  ///   missing or unwritable, or another process writes this result; the files are then untouched.
  public init(
    _ path: String, provenance: Provenance, raw: [any RawRow.Type] = [], resume: Bool
  ) throws {
    let journal = try ResultJournal(path: Self.journalPath(for: path))
    let wasEmpty = journal.isEmpty
    do {
      let contents = resume ? try journal.contents() : nil
      var remarks = [contents?.remark].compactMap { $0 }.map { "\(journal.path): \($0)" }
      let earlier =
        resume ? try Self.earlier(path, journal, contents, provenance, &remarks) : nil
      self.resumeRemark = remarks.isEmpty ? nil : remarks.joined(separator: "\n")
      self.path = path
      self.provenance = provenance
      self.provenance.wallSeconds = 0
      self.provenance.isComplete = false
      self.provenance.verdict = nil
      self.provenance.judgements = nil
      self.evidence =
        try earlier?.result.evidence(raw: raw, file: path)
        ?? Evidence(
          computeType: ComputeType(rawValue: provenance.dtype) ?? .f32,
          parameters: provenance.parameters)
      self.evidence.parameters = provenance.parameters
      self.isComplete = earlier.map { provenance.isCovered(by: $0.result.provenance) } ?? false
      self.resumedRowCount = earlier?.result.rows.count ?? 0
      self.earlierSeconds = earlier?.result.provenance.wallSeconds ?? 0
      if let earlier { self.provenance.continues(earlier.result) }
      if isComplete {
        self.journal = nil
        self.publishesSnapshots = false
        self.replacesRows = false
        self.whole = earlier?.result
        journal.remove()
        return
      }
      self.whole = nil
      self.journal = journal
      let place = try? Place(path)
      self.publishesSnapshots = place?.mayBeReplaced ?? false
      self.replacesRows = place?.holdsRows ?? false
      // If a run began anew and was killed, resuming it must not bring back the older rows.
      let beginsAnew = !resume || contents?.header.beginsAnew == true
      try begin(journal, raw, holdsRows: earlier?.source == journal.path, beginsAnew)
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
    evidence.rows += rows
    try publishSnapshotIfDue()
  }

  /// Adds rows to a raw table, all or none.
  ///
  /// Throws `ResultWriteError` if they can't be kept; earlier rows stay.
  public func append<Other: RawRow>(raw rows: [Other]) throws {
    let elapsed = elapsedSeconds
    try running().append(
      rows.map { .init(elapsed: elapsed, table: Other.tableName, row: $0.values) })
    evidence.add(rows)
    try publishSnapshotIfDue()
  }

  /// Adds a fact; it replaces one of the same name.
  ///
  /// Throws `ResultWriteError` if it can't be kept.
  public func note(_ fact: SummaryValue) throws {
    try running().append([.init(elapsed: elapsedSeconds, fact: fact)])
    evidence.note(fact)
  }

  /// Adds what a process of its own has measured, all or none.
  func append(_ entries: [ResultJournal.Entry], raw types: [any RawRow.Type]) throws {
    let elapsed = elapsedSeconds
    try running().append(
      entries.map { entry in
        var entry = entry
        entry.elapsed = elapsed
        return entry
      })
    for entry in entries { evidence.take(entry, raw: types) }
    try publishSnapshotIfDue()
  }

  /// Adds repeat times, in seconds, under `name`.
  ///
  /// Throws `ResultWriteError` if they can't be kept.
  public func appendTimings(_ name: String, seconds: [Double]) throws {
    precondition(!name.isEmpty && !name.contains("/"), "a timing's name is a dataset's name")
    let timing = ResultJournal.Timing(name: name, seconds: seconds)
    try running().append([.init(elapsed: elapsedSeconds, timing: timing)])
    evidence.timings[name, default: []] += seconds
  }

  /// Writes the complete result in place of what was at `path`.
  ///
  /// - Parameters:
  ///   - report: what is computed from the evidence; `nil` for a shard, which is not judged.
  ///   - card: what the experiment claims.
  ///   - shardItems: items of the whole measurement, for a shard.
  /// - Returns: the result.
  /// - Throws: `ResultWriteError` if it can't; the journal then stays for another attempt.
  @discardableResult
  public func finish(
    _ report: Report?, card: ExperimentCard, shardItems: Int? = nil
  ) throws -> StoredResult {
    let journal = try running()
    var result = stored
    result.provenance.shardItems = shardItems
    result.provenance.isComplete = true
    result.provenance.looks = (provenance.looks ?? []) + [look]
    result.showsRows = card.showsRows
    if let report { result = result.reported(report, card: card) }
    try ResultFile.write(result, to: path)
    provenance = result.provenance
    journal.remove()
    return result
  }

  private var look: Look {
    Look(
      rows: evidence.rows.count, processes: evidence.processCount,
      utc: Date().formatted(.iso8601))
  }

  /// Removes the journal and the file of a run that made neither row nor time; the run must not be
  /// used afterwards.
  public func discardIfEmpty() {
    guard !provenance.isComplete, evidence.isEmpty else { return }
    journal?.remove()
    if hasPublishedEmpty { unlink(path) }
  }

  /// The result so far, not judged.
  public var stored: StoredResult {
    if let whole { return whole }
    var current = provenance
    if !current.isComplete { current.wallSeconds = elapsedSeconds }
    return evidence.stored(current)
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
  /// An earlier run's evidence, and the file that holds it.
  private typealias Earlier = (result: StoredResult, source: String)

  /// What an earlier run measured, or `nil` if it measured nothing.
  private static func earlier(
    _ path: String, _ journal: ResultJournal, _ contents: ResultJournal.Contents?,
    _ provenance: Provenance, _ remarks: inout [String]
  ) throws -> Earlier? {
    if let contents, !contents.entries.isEmpty {
      let result = StoredResult(contents)
      if let problem = obstacle(to: result, provenance) {
        throw ResultError(file: journal.path, problem: "cannot resume: \(problem)")
      }
      return (result.withoutForeignTimes(provenance, path, &remarks), journal.path)
    }
    // The run that wrote this journal was measuring a complete result anew.
    if contents?.header.beginsAnew == true { return nil }
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let result: StoredResult
    do {
      result = try ResultFile.read(path)
    } catch let error as ResultError {
      remarks.append("\(error); it is measured anew")
      return nil
    }
    guard result.provenance.isComplete || result.holdsAny else { return nil }
    let problem = obstacle(to: result, provenance)
    guard result.provenance.isComplete else {
      if let problem { throw ResultError(file: path, problem: "cannot resume: \(problem)") }
      return (result.withoutForeignTimes(provenance, path, &remarks), path)
    }
    if let problem {
      remarks.append("\(path): \(problem); it is measured anew")
      return nil
    }
    if provenance.isCovered(by: result.provenance) {
      // Whoever runs other code, or has another processor, wants to see what that gives.
      return provenance.isOfOneMake(with: result.provenance) ? (result, path) : nil
    }
    return (result.withoutForeignTimes(provenance, path, &remarks), path)
  }

  /// Why an earlier run's rows can't be mixed with rows of this one; `nil` if they can.
  private static func obstacle(to earlier: StoredResult, _ provenance: Provenance) -> String? {
    if let obstacle = provenance.obstacle(toResuming: earlier.provenance) {
      return "\(obstacle.name) was \(obstacle.stored), now \(obstacle.now)"
    }
    return StoredResult.difference(from: earlier.columns, to: Row.columns.map(\.column))
  }

  /// Makes the journal hold exactly the current evidence.
  private func begin(
    _ journal: ResultJournal, _ raw: [any RawRow.Type], holdsRows: Bool, _ beginsAnew: Bool
  ) throws {
    if holdsRows {
      try journal.cutTornTail()
    } else {
      let header = ResultJournal.Header(
        provenance: provenance, columns: Row.columns.map(\.column),
        raw: Dictionary(
          raw.map { ($0.tableName, $0.emptyTable.columns) }, uniquingKeysWith: { first, _ in first }
        ), beginsAnew: beginsAnew)
      try journal.begin(header)
      try journal.append(evidence.entries(elapsed: earlierSeconds))
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
    let isEmpty = evidence.isEmpty
    // A file without rows must not replace one with an earlier run's rows.
    if isEmpty, replacesRows { return }
    let start = ContinuousClock.now
    try ResultFile.write(stored, to: path)
    hasPublishedEmpty = isEmpty
    nextSnapshot = ContinuousClock.now + max(.seconds(5), start.duration(to: .now) * 30)
  }
}

extension StoredResult {
  /// Whether anything was measured.
  fileprivate var holdsAny: Bool {
    !rows.isEmpty || !timings.isEmpty || raw.contains { !$0.rows.isEmpty }
  }

  /// This result, without its times if they were taken on another processor or with other kernels.
  ///
  /// Times of two machines are of two things; rows are of one.
  fileprivate func withoutForeignTimes(
    _ provenance: Provenance, _ path: String, _ remarks: inout [String]
  ) -> StoredResult {
    let timed: Set = [TimedPair.tableName, TimingProcess.tableName, SideWork.tableName]
    let (here, there) = (ComputeFacts(of: provenance), ComputeFacts(of: self.provenance))
    // Virtual machines on different processors may give them one name, so extensions count too.
    let isForeign =
      self.provenance.cpuModel != provenance.cpuModel || self.provenance.isa != provenance.isa
      || here.kernels != there.kernels
    guard isForeign, raw.contains(where: { timed.contains($0.name) }) else { return self }
    remarks.append(
      "\(path): times of another processor or other kernels; they are taken anew, rows stay")
    var result = self
    result.raw.removeAll { timed.contains($0.name) }
    return result
  }

  /// The contents of a journal as a result.
  fileprivate init(_ contents: ResultJournal.Contents) {
    let header = contents.header
    self.init(
      provenance: header.provenance, columns: header.columns,
      rows: contents.entries.compactMap { $0.table == nil ? $0.row : nil })
    for (name, columns) in (header.raw ?? [:]).sorted(by: { $0.key < $1.key }) {
      let rows = contents.entries.compactMap { $0.table == name ? $0.row : nil }
      if rows.isEmpty { continue }
      raw.append(
        DerivedTable(name: name, title: "", isShown: false, columns: columns, rows: rows))
    }
    for fact in contents.entries.compactMap(\.fact) {
      facts.removeAll { $0.column.name == fact.column.name }
      facts.append(fact)
    }
    for timing in contents.entries.compactMap(\.timing) {
      timings[timing.name, default: []] += timing.seconds
    }
    provenance.wallSeconds = contents.entries.last?.elapsed ?? 0
    provenance.isComplete = false
    provenance.verdict = nil
  }
}

extension Provenance {
  /// Whether a result has everything that a run of these settings would measure.
  fileprivate func isCovered(by earlier: Provenance) -> Bool {
    earlier.isComplete
      && (extents ?? [:]).allSatisfy { name, size in (earlier.extents?[name] ?? 0) >= size }
  }

  /// Whether two results are of one commit and one processor; parts of one measurement always count
  /// so.
  fileprivate func isOfOneMake(with earlier: Provenance) -> Bool {
    shard != nil
      || (gitCommit == earlier.gitCommit && cpuModel == earlier.cpuModel && isa == earlier.isa)
  }

  /// Keeps the earlier start time; records both commits if the source has changed since.
  fileprivate mutating func continues(_ result: StoredResult) {
    let earlier = result.provenance
    startedUTC = earlier.startedUTC
    // Files from before looks were counted: a complete result was looked at once at least.
    looks =
      earlier.looks
      ?? (earlier.isComplete
        ? [Look(rows: result.rows.count, processes: 0, utc: earlier.startedUTC)] : nil)
    // A smaller run that completes a larger one's rows leaves it as large as it is.
    extents = extents?.merging(earlier.extents ?? [:]) { max($0, $1) }
    gitDirty = gitDirty || earlier.gitDirty
    if gitCommit != earlier.gitCommit, !earlier.gitCommit.hasSuffix(gitCommit) {
      gitCommit = "\(earlier.gitCommit) then \(gitCommit)"
    } else {
      gitCommit = earlier.gitCommit
    }
  }
}
