import AISKit

extension ModelWork {
  /// The time of the work at the machine's ceilings.
  ///
  /// Each part takes as long as its arithmetic or its reading, whichever is longer.
  ///
  /// Units: seconds. NaN if a ceiling is not known.
  ///
  /// Source: Williams, Waterman and Patterson 2009, "Roofline", CACM 52 (4), 65–76.
  public func seconds(at ceiling: MachineCeiling, in type: ComputeType) -> Double {
    guard let gigaflops = ceiling.gemmGigaflops[type], gigaflops > 0,
      ceiling.readGigabytesPerSecond > 0
    else { return .nan }
    return parts.reduce(0) { sum, part in
      sum
        + max(
          part.floatingPointOperations / gigaflops, part.bytes / ceiling.readGigabytesPerSecond)
        / 1e9
    }
  }
}

extension TimingComparison {
  /// The measured speed-up over the ideal one.
  ///
  /// - Parameter ideal: the full work's time over the remaining work's, from `ModelWork.seconds`.
  /// - Returns: 1 if the measured speed-up is the ideal one, with the interval.
  public func efficiency(ofIdeal ideal: Double) -> Estimate {
    Estimate(
      value: speedup.value / ideal,
      interval: Interval(
        lower: speedup.interval.lower / ideal, upper: speedup.interval.upper / ideal),
      count: speedup.count)
  }
}
