import AISKit

/// Equal parts of the work of one side of a comparison: matrix products, or attentions.
///
/// Kept beside the times, so that ideal speed-ups follow from rows alone.
public struct SideWork: RawRow, Equatable {
  /// The comparison.
  public var comparison = ""
  /// Whether it is the variant's; else it is the baseline's.
  public var isVariant = false
  /// Multiplications and additions of one part, counted separately.
  public var operations = 0.0
  /// Bytes of weights, or of cached keys and values, that one part reads.
  public var bytes = 0.0
  /// How many such parts a timed run has.
  public var count = 0

  /// An empty row.
  public init() {}

  /// The table of the work of all comparisons of a run.
  public static let tableName = "work"
  /// What one part takes, and how many there are.
  public static let columns: [Column<SideWork>] = [
    Column("comparison", \.comparison, "what is compared"),
    Column("is_variant", \.isVariant, "the variant's work; else the baseline's"),
    Column("operations", \.operations, "multiplications and additions of one part"),
    Column("bytes", \.bytes, "bytes that one part reads once"),
    Column("count", \.count, "such parts in a timed run"),
  ]

  /// The work of a timed run of each side, from its passes.
  public static func rows(
    _ comparison: String, baseline: [ModelWork], variant: [ModelWork]
  ) -> [SideWork] {
    rows(comparison, isVariant: false, baseline) + rows(comparison, isVariant: true, variant)
  }

  /// The parts of some passes, equal ones together, in a fixed order.
  private static func rows(
    _ comparison: String, isVariant: Bool, _ passes: [ModelWork]
  ) -> [SideWork] {
    var counts: [[Double]: Int] = [:]
    for part in passes.flatMap(\.parts) {
      counts[[part.floatingPointOperations, part.bytes], default: 0] += 1
    }
    return counts.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }.map { part, count in
      var row = SideWork()
      (row.comparison, row.isVariant) = (comparison, isVariant)
      (row.operations, row.bytes, row.count) = (part[0], part[1], count)
      return row
    }
  }
}

extension Evidence {
  /// The work of one side of a comparison; empty if none was kept.
  public func work(_ comparison: String, isVariant: Bool) -> [SideWork] {
    rows(of: SideWork.self).filter { $0.comparison == comparison && $0.isVariant == isVariant }
  }

  /// How much faster the variant would be if both sides ran at the machine's ceilings; `nil` if work
  /// or ceilings are not known.
  public func idealSpeedup(_ comparison: String) -> Double? {
    let (full, left) = (
      work(comparison, isVariant: false), work(comparison, isVariant: true)
    )
    guard let ceiling, !full.isEmpty, !left.isEmpty else { return nil }
    let ideal =
      full.seconds(at: ceiling, in: computeType) / left.seconds(at: ceiling, in: computeType)
    return ideal.isFinite ? ideal : nil
  }
}

extension [SideWork] {
  /// Multiplications and additions of a timed run.
  public var operations: Double { reduce(0) { $0 + $1.operations * Double($1.count) } }

  /// Bytes that a timed run reads.
  public var bytes: Double { reduce(0) { $0 + $1.bytes * Double($1.count) } }

  /// The time of the work at the machine's ceilings, in seconds.
  ///
  /// Each part takes as long as its arithmetic or its reading, whichever is longer. NaN if a ceiling
  /// is not known.
  ///
  /// Source: Williams, Waterman and Patterson 2009, "Roofline", CACM 52 (4), 65–76.
  public func seconds(at ceiling: MachineCeiling, in type: ComputeType) -> Double {
    guard let gigaflops = ceiling.gemmGigaflops[type], gigaflops > 0,
      ceiling.readGigabytesPerSecond > 0
    else { return .nan }
    return reduce(0) { sum, part in
      sum + Double(part.count)
        * Swift.max(part.operations / gigaflops, part.bytes / ceiling.readGigabytesPerSecond)
        / 1e9
    }
  }
}
