import Foundation

/// Whether a difference between two samples is more than chance.
enum Noise {
  /// A line about a column; `nil` for text, and if there are no numbers to compare.
  static func column(
    _ column: ColumnDescription, _ first: [ColumnValue], _ second: [ColumnValue],
    arePaired: Bool
  ) -> String? {
    switch column.kind {
    case .text: return nil
    case .truth:
      return truth(first.map { $0.number == 1 }, second.map { $0.number == 1 }, arePaired)
    case .integer, .real, .single:
      return numbers(
        first.map { $0.number ?? .nan }, second.map { $0.number ?? .nan }, column.shownUnit,
        arePaired)
    }
  }

  /// Repeat times in seconds: medians with their bootstrap intervals, in milliseconds.
  static func timings(_ first: [Double], _ second: [Double]) -> String {
    let (a, b) = (
      Bootstrap().median(of: first.map { $0 * 1_000 }),
      Bootstrap().median(of: second.map { $0 * 1_000 })
    )
    return "median \(figures(a.value)) → \(figures(b.value)) ms, 95 % in \(text(a.interval)) "
      + "and \(text(b.interval)): \(beyond(areApart(a.interval, b.interval)))"
  }

  private static func truth(_ first: [Bool], _ second: [Bool], _ arePaired: Bool) -> String {
    guard arePaired else {
      let (a, b) = (Proportion(of: first), Proportion(of: second))
      return "unpaired: \(figures(a.rate)) → \(figures(b.rate)), 95 % in \(text(a.wilson())) "
        + "and \(text(b.wilson())): \(beyond(areApart(a.wilson(), b.wilson())))"
    }
    let pairs = Paired(baseline: first, variant: second)
    return "\(pairs.lost) lost, \(pairs.gained) gained, exact McNemar p = "
      + "\(figures(pairs.pValue)): \(beyond(pairs.pValue < 0.05))"
  }

  private static func numbers(
    _ first: [Double], _ second: [Double], _ unit: String, _ arePaired: Bool
  ) -> String? {
    guard arePaired else {
      let (a, b) = (first.filter(\.isFinite), second.filter(\.isFinite))
      if a.isEmpty || b.isEmpty { return nil }
      let (before, after) = (Bootstrap().mean(of: a), Bootstrap().mean(of: b))
      return "unpaired: mean \(figures(before.value)) → \(figures(after.value))\(unit), 95 % in "
        + "\(text(before.interval)) and \(text(after.interval)): "
        + beyond(areApart(before.interval, after.interval))
    }
    let differences = zip(first, second).map { $1 - $0 }.filter(\.isFinite)
    if differences.isEmpty { return nil }
    let mean = Bootstrap().mean(of: differences)
    return "mean difference \(figures(mean.value))\(unit), 95 % in \(text(mean.interval)), "
      + "n = \(mean.count): \(beyond(!mean.interval.contains(0)))"
  }

  private static func areApart(_ a: Interval, _ b: Interval) -> Bool {
    a.upper < b.lower || b.upper < a.lower
  }

  private static func beyond(_ isBeyond: Bool) -> String {
    isBeyond ? "beyond noise" : "within noise"
  }

  private static func text(_ interval: Interval) -> String {
    "[\(figures(interval.lower)), \(figures(interval.upper))]"
  }

  private static func figures(_ value: Double) -> String { String(format: "%.4g", value) }
}
