import Foundation

/// How well scores rank positives above negatives: the area under the receiver operating curve.
///
/// The area is the share of pairs of a positive and a negative in which the positive has the higher
/// score; equal scores count half. Chance gives 0.5.
public struct RankingQuality: Sendable, Equatable {
  /// The area; NaN unless both classes have rows.
  public let area: Double
  /// The standard error of the area; NaN if a class has rows in fewer than two clusters.
  ///
  /// Rows of one cluster may depend on each other in any way.
  ///
  /// Source: Obuchowski 1997, Biometrics 53, 567–578. With one row in each cluster it equals the
  /// error of DeLong, DeLong and Clarke-Pearson 1988.
  public let standardError: Double
  /// Rows of each class.
  public let positives: Int
  /// See `positives`.
  public let negatives: Int
  /// Clusters, such as texts.
  public let clusters: Int

  /// Measures scores against labels.
  ///
  /// Shape: [rows] each. Rows with the same number in `clusters` are one cluster.
  public init(scores: [Float], labels: [Bool], clusters: [Int]) {
    precondition(scores.count == labels.count && scores.count == clusters.count, "a row each")
    let total = labels.count
    let positives = labels.count { $0 }
    let negatives = total - positives
    self.positives = positives
    self.negatives = negatives
    guard positives > 0, negatives > 0, !scores.contains(where: \.isNaN) else {
      self.clusters = Set(clusters).count
      (area, standardError) = (.nan, .nan)
      return
    }
    // For each row, the share of the other class that it is ranked correctly against.
    var placements = [Double](repeating: 0, count: total)
    let order = (0..<total).sorted { scores[$0] < scores[$1] }
    var (below, start) = ((positives: 0, negatives: 0), 0)
    while start < total {
      var end = start
      var tied = (positives: 0, negatives: 0)
      while end < total, scores[order[end]] == scores[order[start]] {
        if labels[order[end]] { tied.positives += 1 } else { tied.negatives += 1 }
        end += 1
      }
      for row in order[start..<end] {
        placements[row] =
          labels[row]
          ? (Double(below.negatives) + Double(tied.negatives) / 2) / Double(negatives)
          : 1 - (Double(below.positives) + Double(tied.positives) / 2) / Double(positives)
      }
      below.positives += tied.positives
      below.negatives += tied.negatives
      start = end
    }
    let area = zip(placements, labels).reduce(0) { $0 + ($1.1 ? $1.0 : 0) } / Double(positives)
    self.area = area

    // For each cluster and class, the sum of its rows' deviations from the area.
    var sums: [Int: (positive: Double, negative: Double, hasPositive: Bool, hasNegative: Bool)] =
      [:]
    for row in 0..<total {
      var sum = sums[clusters[row]] ?? (0, 0, false, false)
      if labels[row] {
        sum.positive += placements[row] - area
        sum.hasPositive = true
      } else {
        sum.negative += placements[row] - area
        sum.hasNegative = true
      }
      sums[clusters[row]] = sum
    }
    self.clusters = sums.count
    func factor(_ count: Int) -> Double { count > 1 ? Double(count) / Double(count - 1) : .nan }
    let (m, n) = (Double(positives), Double(negatives))
    var (first, second, both) = (0.0, 0.0, 0.0)
    // In a fixed order, so that the sums are the same bits on every run.
    for (_, sum) in sums.sorted(by: { $0.key < $1.key }) {
      first += sum.positive * sum.positive
      second += sum.negative * sum.negative
      both += sum.positive * sum.negative
    }
    let variance =
      factor(sums.values.count { $0.hasPositive }) * first / (m * m)
      + factor(sums.values.count { $0.hasNegative }) * second / (n * n)
      + 2 * factor(sums.count) * both / (m * n)
    standardError = variance.isNaN ? .nan : max(0, variance).squareRoot()
  }

  /// The confidence interval of the area, computed for its log-odds so that it stays inside [0, 1].
  public func bounds(confidence: Double = 0.95) -> (lower: Double, upper: Double) {
    bounds(standardErrors: Distributions.normalQuantile(0.5 + confidence / 2))
  }

  /// The areas whose log-odds are at most so many standard errors away.
  public func bounds(standardErrors: Double) -> (lower: Double, upper: Double) {
    guard area > 0, area < 1, standardError > 0 else {
      // Without finite log-odds and a positive standard error there is no interval to compute.
      return (0, 1)
    }
    let center = log(area / (1 - area))
    let spread = standardErrors * standardError / (area * (1 - area))
    func share(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }
    return (share(center - spread), share(center + spread))
  }
}
