import AISKit
import Foundation

/// What an experiment's `time` works with: a workbench, and a store for times.
///
/// Each of several processes has one. What it keeps reaches the result as a whole once the process
/// has ended well.
public final class TimingLab: Workbench {
  /// Which process this is, from 0.
  public let process: Int

  /// The raw tables that `measure` kept, by name.
  private let measured: [String: DerivedTable]
  private let keep: (ResultJournal.Entry) throws -> Void
  private var probe: CeilingProbe?
  /// What earlier probes, for other number formats, saw.
  private var earlier = MachineCeiling(readGigabytesPerSecond: 0, gemmGigaflops: [:])
  private let startedUTC = Date().formatted(.iso8601)

  init(
    _ setting: LabSetting, results: [String: Prerequisites.Found], progress: PlanProgress,
    process: Int, measured: [String: DerivedTable],
    keep: @escaping (ResultJournal.Entry) throws -> Void
  ) {
    self.process = process
    self.measured = measured
    self.keep = keep
    super.init(setting, results: results, progress: progress)
  }

  /// The rows of a raw table that `measure` kept, such as what it decided to time.
  public func rows<Other: RawRow>(of type: Other.Type) -> [Other] {
    measured[Other.tableName]?.rows.compactMap { Other(values: $0) } ?? []
  }

  /// Measures the device's own ceilings; each later comparison measures them again after every
  /// pair, and keeps the higher value.
  ///
  /// It may be called again for comparisons in other number formats.
  ///
  /// - Parameter computeTypes: the number formats to measure matrix products in.
  /// - Throws: `MachineCeilingError`, and what the engine throws.
  public func measureCeiling(_ computeTypes: [ComputeType]) throws {
    if let probe { earlier = earlier.raised(to: probe.ceiling) }
    // Its memory is freed first.
    probe = nil
    let probe = try CeilingProbe(
      of: device, threads: threadCount, computeTypes: computeTypes,
      gigaflops: ProductRate(of: device, threads: threadCount).gigaflops)
    try probe.look(times: CeilingProbe.firstLooks)
    self.probe = probe
  }

  /// Times two things in turns and keeps every pair.
  ///
  /// - Parameters:
  ///   - name: what the comparison is called; `Evidence.comparison` finds it by this name.
  ///   - pairs: how many pairs this process times.
  ///   - baseline: what the other is compared with.
  ///   - variant: the other.
  ///   - work: the passes of a timed run of each side, if known; kept once, for ideal speed-ups.
  /// - Throws: `ImpossibleTiming` if a side beats the device's ceiling, and then keeps nothing;
  ///   what a side throws.
  public func compare(
    _ name: String, pairs: Int, baseline: InterleavedTiming.Side,
    variant: InterleavedTiming.Side, work: (baseline: [ModelWork], variant: [ModelWork])? = nil
  ) throws {
    let meter = ProgressMeter("\(name): pairs", total: pairs)
    let times = try InterleavedTiming(pairs: pairs).measure(baseline: baseline, variant: variant) {
      try probe?.look()
      meter.advance()
    }
    let medians = [
      (baseline, Bootstrap.median(times.map(\.baseline))),
      (variant, Bootstrap.median(times.map(\.variant))),
    ]
    for (side, milliseconds) in medians {
      if let impossible = probe?.ceiling.violation(
        name: side.name, work: side.work, milliseconds: milliseconds)
      {
        throw impossible
      }
    }
    try BrokenClock.refuse()
    for (place, pair) in times.enumerated() {
      try keepRow(
        TimedPair(
          name, process: process, pair: place, baseline: pair.baseline, variant: pair.variant))
    }
    // The same in every process.
    guard process == 0, let work else { return }
    for row in SideWork.rows(name, baseline: work.baseline, variant: work.variant) {
      try keepRow(row)
    }
  }

  /// Times a pass of the full model in turns with one under a plan, and keeps both sides' work.
  ///
  /// Throws as above.
  public func compare(
    _ name: String, pairs: Int, _ workload: PassWorkload, under plan: DepthPlan
  ) throws {
    func passes(_ plan: DepthPlan) -> [ModelWork] {
      [ModelWork](repeating: workload.work(plan), count: workload.passes)
    }
    try compare(
      name, pairs: pairs, baseline: workload.side(.full), variant: workload.side(plan),
      work: (passes(.full), passes(plan)))
  }

  /// Keeps a measured figure about the whole run; a later process's replaces it.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func note(_ fact: SummaryValue) throws { try keep(.init(elapsed: 0, fact: fact)) }

  /// Keeps a measured figure about the whole run, in a style.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func note<Value: ColumnScalar>(
    _ name: String, _ value: Value, _ description: String, _ style: ValueStyle = .plain
  ) throws {
    try note(SummaryValue(name, value, description, style))
  }

  /// Keeps a row of a raw table that the experiment lists in `rawTables`.
  ///
  /// Throws `ResultWriteError` if it cannot be kept.
  public func record<Other: RawRow>(raw row: Other) throws { try keepRow(row) }

  /// Keeps raw times of work that is not compared in pairs.
  ///
  /// Throws `ResultWriteError` if they cannot be kept.
  public func keepTimes(_ name: String, seconds: [Double]) throws {
    try keep(.init(elapsed: 0, timing: .init(name: name, seconds: seconds)))
  }

  /// Keeps the process's start and the ceilings that it saw.
  func finish() throws {
    var ceilings: [(String, Double)] = []
    if let ceiling = probe.map({ earlier.raised(to: $0.ceiling) }) {
      ceilings.append((TimingProcess.reading, ceiling.readGigabytesPerSecond))
      ceilings += ceiling.gemmGigaflops.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
    }
    if ceilings.isEmpty { ceilings = [("", 0)] }
    for (name, rate) in ceilings {
      try keepRow(
        TimingProcess(process: process, startedUTC: startedUTC, ceiling: name, rate: rate))
    }
  }

  private func keepRow<Row: RawRow>(_ row: Row) throws {
    try keep(.init(elapsed: 0, table: Row.tableName, row: row.values))
  }
}
