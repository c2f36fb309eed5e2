import AISKit

extension RankingQuality {
  /// The area with its 95 % interval; the count is of clusters.
  ///
  /// Both intervals are computed for the area's log-odds, so they stay inside [0, 1].
  public var estimate: Estimate {
    let (quality, fixed) = (self, bounds())
    return Estimate(
      value: area, interval: Interval(lower: fixed.lower, upper: fixed.upper), count: clusters
    ) { error in
      let bounds = quality.bounds(
        standardErrors: StudentMixture.units.width(
          count: quality.clusters, error: error))
      return Interval(lower: bounds.lower, upper: bounds.upper)
    }
  }
}
