import AISKit

extension RankingQuality {
  /// The area with its 95 % interval; the count is of clusters.
  public var estimate: Estimate {
    let bounds = bounds()
    return Estimate(
      value: area, interval: Interval(lower: bounds.lower, upper: bounds.upper), count: clusters)
  }
}
