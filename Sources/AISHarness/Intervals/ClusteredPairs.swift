/// Questions answered twice, by a baseline and by a variant, that come in clusters such as subjects.
///
/// Questions of one cluster are alike, so clusters are what is counted and resampled.
public struct ClusteredPairs: Sendable, Equatable {
  /// The paired answers of each cluster.
  public let clusters: [Paired]

  /// Paired answers from those of each cluster.
  public init(_ clusters: [Paired]) { self.clusters = clusters }

  /// The paired answers of rows; `cluster` says which cluster a row belongs to.
  public init<Item, Cluster: Hashable & Comparable>(
    _ rows: some Sequence<Item>, by cluster: (Item) -> Cluster, baseline: (Item) -> Bool,
    variant: (Item) -> Bool
  ) {
    clusters = Dictionary(grouping: rows, by: cluster).sorted { $0.key < $1.key }.map {
      Paired(baseline: $0.value.map(baseline), variant: $0.value.map(variant))
    }
  }

  /// The answers to all questions, as if they were independent.
  public var questions: Paired {
    Paired(
      bothRight: clusters.reduce(0) { $0 + $1.bothRight },
      lost: clusters.reduce(0) { $0 + $1.lost }, gained: clusters.reduce(0) { $0 + $1.gained },
      bothWrong: clusters.reduce(0) { $0 + $1.bothWrong })
  }

  /// The variant's accuracy over all questions less the baseline's; clusters are resampled, and
  /// counted.
  public var differenceEstimate: Estimate {
    Bootstrap().ratio(
      clusters.map { Double($0.gained - $0.lost) }, over: clusters.map { Double($0.count) })
  }

  /// How many times larger the difference's variance is than that of as many independent questions;
  /// NaN if both sides always answer alike, or with one cluster.
  ///
  /// Source: Kish 1965, "Survey Sampling", section 8.2, with the linearised variance of a ratio.
  public var designEffect: Double {
    let (all, count) = (questions, Double(clusters.count))
    let squares = clusters.reduce(0) {
      let deviation = Double($1.gained - $1.lost) - all.difference * Double($1.count)
      return $0 + deviation * deviation
    }
    let spread = Double(all.gained + all.lost) - all.difference * all.difference * Double(all.count)
    return squares * count / (count - 1) / spread
  }
}
