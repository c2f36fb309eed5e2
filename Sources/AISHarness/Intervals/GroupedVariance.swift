import AISKit

/// How much of the profiles' variance their groups explain, and whether that may be chance.
public enum GroupedVariance {
  /// The share of variance between the groups' mean profiles, and how often it is as large when the
  /// labels are shuffled.
  ///
  /// The test does not assume a distribution: under the null hypothesis labels may be exchanged.
  /// The p-value counts the observed labels among the shuffles, so it is never 0.
  ///
  /// Shape: profiles [count][width], labels [count].
  ///
  /// Source: Anderson 2001, Austral Ecology 26, 32–46 (PERMANOVA with Euclidean distances); Phipson
  /// and Smyth 2010 for the p-value.
  public static func permutationTest(
    _ profiles: [[Double]], labels: [Int], shuffles: Int, seed: UInt64 = 0
  ) -> (share: Double, pValue: Double) {
    precondition(profiles.count == labels.count, "a label for each profile")
    guard let width = profiles.first?.count, width > 0, shuffles > 0 else { return (.nan, 1) }
    let mean = (0..<width).map { place in Bootstrap.mean(profiles.map { $0[place] }) }
    let centered = profiles.map { zip($0, mean).map { $0 - $1 } }
    let total = centered.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    guard total > 0 else { return (.nan, 1) }
    let observed = between(centered, labels)
    var generator = SplitMix64(seed: seed)
    var shuffled = labels
    var asLarge = 1
    for _ in 0..<shuffles {
      shuffled = generator.shuffled(shuffled)
      // Equal up to rounding counts as equal.
      if between(centered, shuffled) >= observed * (1 - 1e-12) { asLarge += 1 }
    }
    return (observed / total, Double(asLarge) / Double(shuffles + 1))
  }

  /// The residuals of profiles after a linear regression of each component on a quantity.
  ///
  /// Shape: profiles [count][width], quantity [count].
  public static func residuals(_ profiles: [[Double]], without quantity: [Double]) -> [[Double]] {
    precondition(profiles.count == quantity.count, "a number for each profile")
    guard let width = profiles.first?.count else { return [] }
    let center = Bootstrap.mean(quantity)
    let spread = quantity.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let lines = (0..<width).map { place -> (mean: Double, slope: Double) in
      let mean = Bootstrap.mean(profiles.map { $0[place] })
      let together = zip(profiles, quantity).reduce(0) {
        $0 + ($1.0[place] - mean) * ($1.1 - center)
      }
      return (mean, spread > 0 ? together / spread : 0)
    }
    return zip(profiles, quantity).map { profile, value in
      zip(profile, lines).map { $0 - $1.mean - $1.slope * (value - center) }
    }
  }

  /// The sum of squares between groups of centred profiles.
  private static func between(_ profiles: [[Double]], _ labels: [Int]) -> Double {
    var sums: [Int: (count: Double, sum: [Double])] = [:]
    for (profile, label) in zip(profiles, labels) {
      var group = sums[label] ?? (0, [Double](repeating: 0, count: profile.count))
      group.count += 1
      for place in profile.indices { group.sum[place] += profile[place] }
      sums[label] = group
    }
    // Sorted, so that the order of addition does not vary.
    return sums.sorted { $0.key < $1.key }.reduce(0) { total, group in
      total + group.value.sum.reduce(0) { $0 + $1 * $1 } / group.value.count
    }
  }
}
