import AISKit
import Foundation

/// A share of rows that come in clusters, such as tokens of texts or questions of subjects.
///
/// Rows of one cluster are alike, so clusters are what is counted and resampled.
public struct ClusteredShare: Sendable, Equatable {
  /// Rows of each cluster of which it is true.
  public let successes: [Int]
  /// Rows of each cluster.
  public let trials: [Int]

  /// A share from its counts, one of each for a cluster.
  public init(successes: [Int], trials: [Int]) {
    precondition(successes.count == trials.count, "two counts of each cluster")
    self.successes = successes
    self.trials = trials
  }

  /// A share counted from rows; `cluster` says which cluster a row belongs to.
  public init<Item, Cluster: Hashable>(
    _ rows: some Sequence<Item>, by cluster: (Item) -> Cluster, where holds: (Item) -> Bool
  ) {
    var places: [Cluster: Int] = [:]
    var (successes, trials): ([Int], [Int]) = ([], [])
    for row in rows {
      let key = cluster(row)
      let place = places[key] ?? trials.count
      if place == trials.count {
        places[key] = place
        successes.append(0)
        trials.append(0)
      }
      trials[place] += 1
      if holds(row) { successes[place] += 1 }
    }
    self.init(successes: successes, trials: trials)
  }

  /// The rows of all clusters, as if they were independent.
  public var rows: Proportion {
    Proportion(successes: successes.reduce(0, +), trials: trials.reduce(0, +))
  }

  /// The share of all rows; clusters are resampled, and counted.
  ///
  /// If it is 0 or 1, resampling shows no spread. Then the interval is that of the clusters that
  /// have any exception, which bounds the share.
  public var estimate: Estimate {
    if !trials.isEmpty, rows.successes == 0 || rows.successes == rows.trials {
      return Proportion(
        successes: rows.successes == 0 ? 0 : trials.count, trials: trials.count
      ).estimate
    }
    return Bootstrap().ratio(successes.map(Double.init), over: trials.map(Double.init))
  }

  /// How many times larger the variance is than that of as many independent rows; NaN if the share
  /// is 0 or 1.
  ///
  /// Source: Kish 1965, "Survey Sampling", section 8.2, with the linearised variance of a ratio.
  public var designEffect: Double {
    let rate = rows.rate
    let count = Double(trials.count)
    let squares = zip(successes, trials).reduce(0) {
      let deviation = Double($1.0) - rate * Double($1.1)
      return $0 + deviation * deviation
    }
    return squares * count / (count - 1) / (Double(rows.trials) * rate * (1 - rate))
  }
}
