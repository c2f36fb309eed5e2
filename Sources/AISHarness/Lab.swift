import AISKit
import Foundation

/// What an experiment's `measure` works with: the files to read, and a store for its findings.
///
/// Every row is safe on disk once `record` returns. A run that was killed starts again with the
/// rows it had, and continues after them. So the order of the work, and all random draws, must
/// follow from the options alone, never from the number of rows there are.
public final class Lab<Row: ResultRow> {
  /// The model's file or folder.
  public let model: URL
  /// The model's digest.
  public var modelSHA256: String { mapStore.modelSHA256 }
  /// The number format to compute in.
  public let computeType: ComputeType
  /// How many threads may compute.
  public let threadCount: Int
  /// Where random draws start.
  public let seed: UInt64
  /// The folder for files other than the page, such as figures; made on demand.
  public let folder: URL
  /// The machine's measured ceilings, once `measureCeiling` was called.
  public var ceiling: MachineCeiling? { probe?.ceiling }
  /// Figures about the whole run.
  public private(set) var summary: [SummaryValue] = []
  /// Tables computed from the rows.
  public private(set) var tables: [DerivedTable] = []
  /// Pictures of those tables.
  public private(set) var figures: [Figure] = []

  private let shard: Shard?
  private var probe: CeilingProbe?
  private let run: ResultRun<Row>
  private let dataFiles: [String: URL]
  /// Results of other experiments for the same model and data, by number.
  private let results: [String: Prerequisites.Found]
  /// Which part of the plan is running.
  let progress: PlanProgress
  /// How long parts took, for the next plan.
  let rates: RateBook
  /// The map of this model and data.
  public let mapStore: MapStore
  /// How many prompts the map of this run is made of.
  let mapPrompts: Int

  init(
    run: ResultRun<Row>, setting: LabSetting, results: [String: Prerequisites.Found],
    progress: PlanProgress, folder: URL
  ) {
    self.run = run
    self.results = results
    self.progress = progress
    rates = setting.rates
    mapPrompts = setting.mapPrompts
    self.folder = folder
    model = setting.model
    computeType = setting.computeType
    threadCount = setting.threadCount
    seed = setting.seed
    dataFiles = setting.dataFiles
    mapStore = setting.mapStore
    shard = setting.shard
  }

  /// The result of another experiment that this one's options need; `nil` if they need none.
  func neededResult(of id: String) -> Prerequisites.Found? { results[id] }

  /// The result of another experiment.
  ///
  /// - Throws: `ResultError` if the options did not ask for it.
  func result(of id: String) throws -> Prerequisites.Found {
    guard let found = results[id] else {
      throw ResultError(file: "exp\(id)", problem: "is missing; make exp-\(id) makes it")
    }
    return found
  }

  /// A file beside the result that belongs to it: its name with `suffix` instead of `.h5`.
  public func companion(_ suffix: String) -> URL {
    Self.companion(of: run.path, suffix)
  }

  static func companion(of result: String, _ suffix: String) -> URL {
    let file = URL(fileURLWithPath: result).deletingPathExtension()
    return file.deletingLastPathComponent()
      .appendingPathComponent(file.lastPathComponent + suffix)
  }

  /// Whether the run continues after rows of an earlier one.
  public var isResumed: Bool { run.resumedRowCount > 0 }

  /// The rows so far, those of an earlier part of the run first.
  public var rows: [Row] { run.table.rows }

  /// The data file of a name, or `nil` if the starter set serves in its place.
  public func dataFile(_ name: String) -> URL? { dataFiles[name] }

  /// Keeps a row.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func record(_ row: Row) throws { try run.append(row) }

  /// Keeps a figure about the whole run; one of the same name is replaced.
  public func summarize(_ figure: SummaryValue) {
    summary.removeAll { $0.column.name == figure.column.name }
    summary.append(figure)
  }

  /// Keeps a table computed from the rows; one of the same name is replaced.
  public func tabulate(_ table: DerivedTable) {
    tables.removeAll { $0.name == table.name }
    tables.append(table)
  }

  /// Keeps a picture of a derived table; one of the same name is replaced.
  ///
  /// It is drawn when the page is written, so the table may follow.
  public func draw(_ figure: Figure) {
    figures.removeAll { $0.name == figure.name }
    figures.append(figure)
  }

  /// Prints what happens next, at once even if the output goes to a log.
  ///
  /// A line that cannot be written doesn't stop the run, but makes it fail at its end.
  public func say(_ line: String) { StandardStreams.say(line) }

  /// Prints which draws have fewer prompts than were asked for.
  public func sayShortages(_ draws: PromptDraw...) {
    for shortage in draws.compactMap(\.shortage) { say("  fewer    \(shortage)") }
  }

  /// Makes a row of every item that has none yet, in order, with a progress line.
  ///
  /// A run of one shard measures that shard's items only, and then does not return, since the code
  /// that follows is about all rows.
  ///
  /// - Parameters:
  ///   - items: the work, in an order that is the same in every run.
  ///   - label: what the items are, such as `prompts`.
  ///   - itemKey: a key that identifies an item.
  ///   - rowKey: the same key, read from its row.
  ///   - measure: makes an item's row.
  /// - Throws: what `measure` throws, and `ResultWriteError`; in a run of one shard, the error that
  ///   ends it.
  public func measureEach<Item, Key: Hashable>(
    _ items: [Item], _ label: String, by itemKey: (Item) -> Key, rowKey: (Row) -> Key,
    _ measure: (Item) throws -> Row
  ) throws {
    let itemCount = items.count
    let items = shard.map { Array(items[$0.range(of: itemCount)]) } ?? items
    let done = Set(rows.map(rowKey))
    let left = items.filter { !done.contains(itemKey($0)) }
    let meter = ProgressMeter(label, total: items.count, alreadyDone: items.count - left.count)
    for item in left {
      try record(try measure(item))
      meter.advance()
    }
    if shard != nil { throw ShardIsMeasured(itemCount: itemCount) }
  }

  /// Measures the machine's own ceilings and keeps them beside the rows.
  ///
  /// Each later comparison measures them again after every pair, and keeps the higher value.
  ///
  /// - Parameters:
  ///   - computeTypes: the number formats to measure matrix products in.
  ///   - gigaflops: the rate of large products with the backend under test, in 10^9 operations a
  ///     second.
  /// - Returns: the ceilings so far.
  /// - Throws: `MachineCeilingError`, and what `gigaflops` throws.
  @discardableResult
  public func measureCeiling(
    _ computeTypes: [ComputeType] = [],
    gigaflops: @escaping (ComputeType) throws -> Double = { _ in 0 }
  ) throws -> MachineCeiling {
    if let ceiling { return ceiling }
    let probe = try CeilingProbe(
      threads: threadCount, computeTypes: computeTypes, gigaflops: gigaflops)
    try probe.look(times: CeilingProbe.firstLooks)
    self.probe = probe
    summarize(probe)
    return probe.ceiling
  }

  private func summarize(_ probe: CeilingProbe) {
    summarize(
      SummaryValue(
        "ceiling_read_gb_per_s", probe.ceiling.readGigabytesPerSecond, unit: "GB/s",
        "Reading memory with all threads, the machine's best", compare: .ignored,
        show: .decimals(1)))
    for type in probe.computeTypes {
      summarize(
        SummaryValue(
          "ceiling_gemm_\(type.rawValue.lowercased())_gflop_per_s",
          probe.ceiling.gemmGigaflops[type] ?? 0, unit: "GFLOP/s",
          "A large matrix product in \(type.rawValue), the machine's best", compare: .ignored,
          show: .decimals(0)))
    }
  }

  /// Times two things in turns and keeps every time taken.
  ///
  /// - Parameters:
  ///   - name: what the comparison is called; its raw times are kept as `name_baseline` and
  ///     `name_variant`.
  ///   - timing: how often, and in which order.
  ///   - baseline: what the other is compared with.
  ///   - variant: the other.
  /// - Returns: the times and their ratio.
  /// - Throws: `ImpossibleTiming` if a side beats the machine's ceiling, and then keeps nothing:
  ///   the run fails, and measures again when it is resumed.
  public func compare(
    _ name: String, timing: InterleavedTiming = InterleavedTiming(),
    baseline: InterleavedTiming.Side, variant: InterleavedTiming.Side
  ) throws -> TimingComparison {
    if let kept = keptComparison(name, timing, baseline, variant) { return kept }
    let meter = ProgressMeter("\(name): pairs", total: timing.pairs)
    let comparison = try timing.measure(baseline: baseline, variant: variant) {
      try probe?.look()
      meter.advance()
    }
    let sides = [("baseline", comparison.baseline), ("variant", comparison.variant)]
    if let probe {
      summarize(probe)
      if let impossible = sides.flatMap({ probe.ceiling.violations(by: $0.1) }).first {
        throw impossible
      }
    }
    try BrokenClock.refuse()
    for (role, side) in sides {
      try keepTimes("\(name)_\(role)", seconds: side.milliseconds.map { $0 / 1_000 })
    }
    return comparison
  }

  /// A comparison that an earlier part of the run has completed.
  private func keptComparison(
    _ name: String, _ timing: InterleavedTiming, _ baseline: InterleavedTiming.Side,
    _ variant: InterleavedTiming.Side
  ) -> TimingComparison? {
    func times(_ role: String, _ side: InterleavedTiming.Side) -> SideTimes? {
      guard let seconds = run.table.timings["\(name)_\(role)"], seconds.count >= timing.pairs
      else { return nil }
      return SideTimes(
        name: side.name, work: side.work,
        milliseconds: seconds.suffix(timing.pairs).map { $0 * 1_000 })
    }
    guard let first = times("baseline", baseline), let second = times("variant", variant) else {
      return nil
    }
    return TimingComparison(baseline: first, variant: second, bootstrap: timing.bootstrap)
  }

  /// Keeps raw times under a name, after those already there.
  ///
  /// Throws `ResultWriteError` if they cannot be kept.
  public func keepTimes(_ name: String, seconds: [Double]) throws {
    try run.appendTimings(name, seconds: seconds)
  }

  /// Raw times kept so far, in seconds, those of an earlier part of the run first.
  public func keptTimes(_ name: String) -> [Double] { run.table.timings[name] ?? [] }
}
