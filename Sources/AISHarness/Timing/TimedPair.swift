/// One pair of timed runs: the baseline and the variant, one right after the other.
public struct TimedPair: RawRow, Equatable {
  /// What is compared.
  public var comparison = ""
  /// The process that timed it, from 0.
  public var process = 0
  /// Its place among that process's pairs.
  public var pair = 0
  /// The baseline's time.
  public var baselineMilliseconds = 0.0
  /// The variant's time.
  public var variantMilliseconds = 0.0

  /// An empty pair.
  public init() {}

  /// A pair from its parts.
  public init(
    _ comparison: String, process: Int, pair: Int, baseline: Double, variant: Double
  ) {
    self.comparison = comparison
    self.process = process
    self.pair = pair
    baselineMilliseconds = baseline
    variantMilliseconds = variant
  }

  /// The table of all pairs of a run.
  public static let tableName = "timed_pairs"
  /// Times of both sides, pair by pair.
  public static let columns: [Column<TimedPair>] = [
    Column("comparison", \.comparison, "what is compared"),
    Column("process", \.process, "the process that timed it"),
    Column("pair", \.pair, "its place among that process's pairs"),
    Column(
      "baseline", \.baselineMilliseconds, unit: "ms", "the baseline's time", compare: .ignored),
    Column("variant", \.variantMilliseconds, unit: "ms", "the variant's time", compare: .ignored),
  ]
}

/// A process that timed things, and the machine's ceilings that it measured.
public struct TimingProcess: RawRow, Equatable {
  /// Its number, from 0.
  public var process = 0
  /// When it began, in UTC.
  public var startedUTC = ""
  /// What was measured: `read` in GB/s, or a number format's products in GFLOP/s; empty if no
  /// ceiling was.
  public var ceiling = ""
  /// The best rate that it saw.
  public var rate = 0.0

  /// The name of the ceiling of reading memory.
  public static let reading = "read"

  /// An empty row.
  public init() {}

  /// A process's ceiling, or its start alone.
  public init(process: Int, startedUTC: String, ceiling: String = "", rate: Double = 0) {
    self.process = process
    self.startedUTC = startedUTC
    self.ceiling = ceiling
    self.rate = rate
  }

  /// The table of the processes of a run.
  public static let tableName = "processes"
  /// Start and ceilings of each process.
  public static let columns: [Column<TimingProcess>] = [
    Column("process", \.process, "its number"),
    Column("started", \.startedUTC, "when it began, in UTC", compare: .ignored),
    Column(
      "ceiling", \.ceiling,
      "what was measured: read in GB/s, or products of a format in GFLOP/s"),
    Column("rate", \.rate, "the best rate that it saw", compare: .ignored),
  ]
}
