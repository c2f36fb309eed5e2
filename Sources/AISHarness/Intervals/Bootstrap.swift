import AISKit

/// Percentile bootstrap: the spread of a statistic when the sample is resampled with replacement.
///
/// The resamples follow from the seed alone, so an interval is the same on every run. With fewer
/// than about twenty observations, percentile intervals are too narrow; so estimates carry their
/// count.
///
/// Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
public struct Bootstrap: Sendable, Equatable {
  /// The number of resamples.
  public let resamples: Int
  /// The confidence of intervals, such as 0.95.
  public let confidence: Double
  /// The seed of the random draws.
  public let seed: UInt64

  /// A bootstrap with its settings.
  public init(resamples: Int = 5_000, confidence: Double = 0.95, seed: UInt64 = 0) {
    precondition(resamples > 0 && confidence > 0 && confidence < 1, "a confidence inside (0, 1)")
    self.resamples = resamples
    self.confidence = confidence
    self.seed = seed
  }

  /// The mean of a sample.
  public func mean(of sample: [Double]) -> Estimate {
    estimate(count: sample.count, whole: Self.mean(sample)) { indices in
      var sum = 0.0
      for index in indices { sum += sample[index] }
      return sum / Double(indices.count)
    }
  }

  /// The median of a sample.
  public func median(of sample: [Double]) -> Estimate {
    estimate(count: sample.count, whole: Self.median(sample)) { indices in
      Self.median(indices.map { sample[$0] })
    }
  }

  /// The mean of values that come in clusters; clusters are resampled as a whole.
  ///
  /// Tokens of one prompt are alike, so resampling single tokens would make an interval that is too
  /// narrow. A resample has as many clusters as the sample. Its mean is the sum of its values over
  /// their number, so a long prompt weighs as much as it has tokens. Clusters without values are
  /// drawn too; a resample of only such clusters counts as the whole sample. The estimate's count
  /// is of clusters.
  ///
  /// Source: Davison and Hinkley 1997, "Bootstrap Methods and their Application", section 3.8.
  public func mean(ofClusters clusters: [[Double]]) -> Estimate {
    ratio(clusters.map { $0.reduce(0, +) }, over: clusters.map { Double($0.count) })
  }

  /// The sum of one quantity over the sum of another, such as tokens that agree over all tokens.
  ///
  /// Each cluster, such as a prompt, has some of both; clusters are resampled as a whole.
  ///
  /// A resample whose denominators are all 0 counts as the whole sample. The count is of clusters.
  public func ratio(_ numerators: [Double], over denominators: [Double]) -> Estimate {
    precondition(numerators.count == denominators.count, "each cluster has both")
    let whole = numerators.reduce(0, +) / denominators.reduce(0, +)
    return estimate(count: numerators.count, whole: whole) { indices in
      var sum = 0.0
      var size = 0.0
      for index in indices {
        sum += numerators[index]
        size += denominators[index]
      }
      return size > 0 ? sum / size : whole
    }
  }

  /// The mean of the means of groups, such as tasks; groups are resampled, and the clusters of each drawn group.
  ///
  /// So the interval is about other tasks of the kind, and about other items of each. Every group weighs the same. The
  /// count is of groups.
  ///
  /// Source: Davison and Hinkley 1997, section 3.8, the two-stage resampling.
  public func macroMean(of groups: [[[Double]]]) -> Estimate {
    func mean(_ clusters: [[Double]], _ chosen: [Int]) -> Double {
      var (sum, count) = (0.0, 0)
      for index in chosen {
        sum += clusters[index].reduce(0, +)
        count += clusters[index].count
      }
      return sum / Double(count)
    }
    // Other draws than those of the groups.
    var generator = SplitMix64(seed: ~seed)
    let whole = Self.mean(groups.map { mean($0, Array($0.indices)) })
    return estimate(count: groups.count, whole: whole) { chosen in
      Self.mean(
        chosen.map { index in
          let clusters = groups[index]
          return mean(clusters, clusters.map { _ in generator.index(below: clusters.count) })
        })
    }
  }

  /// A statistic of two independent samples, computed from the indices of a resample of each.
  ///
  /// The count is that of the smaller sample.
  public func estimate(
    counts: (Int, Int), whole: Double, of statistic: ([Int], [Int]) -> Double
  ) -> Estimate {
    guard min(counts.0, counts.1) > 0 else { return estimate(count: 0, whole: whole) { _ in .nan } }
    // Other draws than the first sample's.
    var generator = SplitMix64(seed: ~seed)
    let estimate = estimate(count: counts.0, whole: whole) { first in
      statistic(first, (0..<counts.1).map { _ in generator.index(below: counts.1) })
    }
    return Estimate(
      value: estimate.value, interval: estimate.interval, count: min(counts.0, counts.1),
      confidence: confidence)
  }

  /// Any statistic of a sample, computed from the indices of a resample.
  public func estimate(
    count: Int, whole: Double, of statistic: ([Int]) -> Double
  ) -> Estimate {
    guard count > 0 else {
      return Estimate(value: .nan, interval: Interval(lower: .nan, upper: .nan), count: 0)
    }
    var generator = SplitMix64(seed: seed)
    var indices = [Int](repeating: 0, count: count)
    var values: [Double] = []
    values.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for slot in indices.indices { indices[slot] = generator.index(below: count) }
      values.append(statistic(indices))
    }
    values.sort()
    let tail = (1 - confidence) / 2
    return Estimate(
      value: whole,
      interval: Interval(
        lower: Self.quantile(tail, ofSorted: values),
        upper: Self.quantile(1 - tail, ofSorted: values)),
      count: count, confidence: confidence)
  }

  /// The arithmetic mean; NaN for an empty sample.
  public static func mean(_ sample: [Double]) -> Double {
    sample.reduce(0, +) / Double(sample.count)
  }

  /// The middle value, or the mean of the two middle ones; NaN for an empty sample.
  public static func median(_ sample: [Double]) -> Double {
    quantile(0.5, ofSorted: sample.sorted())
  }

  /// A quantile of sorted values, linear between neighbours.
  ///
  /// Source: definition 7 of Hyndman and Fan 1996, The American Statistician 50, 361–365.
  static func quantile(_ probability: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.indices.last else { return .nan }
    let place = probability * Double(last)
    let below = Int(place)
    let above = min(below + 1, last)
    return values[below] + (place - Double(below)) * (values[above] - values[below])
  }
}
