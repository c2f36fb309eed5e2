import Foundation

/// The time-uniform counterpart of Student's interval, for means of a few normal units.
///
/// It is exact for any number of units from two on if they are independent and normal, and their
/// common variance may be unknown.
///
/// Source: Lai 1976, Annals of Statistics 4, 265–280; Wang and Ramdas 2024, "Anytime-valid t-tests
/// and confidence sequences for Gaussian means with unknown variance" (arXiv 2310.03722). The
/// mixture is the normal prior on the mean over the deviation with the right Haar prior on the
/// deviation: Rouder, Speckman, Sun, Morey and Iverson 2009, Psychonomic Bulletin & Review 16.
public enum StudentMixture {
  /// The prior's variance of the mean over the deviation; this value suits five to twenty units.
  private static let variance = 10.0

  /// The half-width in standard errors after `count` units; infinite if no width is enough.
  public static func width(count: Int, error: Double) -> Double {
    guard count > 1 else { return .infinity }
    let goal = -log(error)
    guard logWealth(.infinity, count) > goal else { return .infinity }
    return Distributions.bisect(from: 0, to: 1e6) { logWealth($0, count) < goal }
  }

  /// The logarithm of the wealth of a bet against a mean that is `statistic` standard errors away.
  private static func logWealth(_ statistic: Double, _ count: Int) -> Double {
    let (n, freedom) = (Double(count), Double(count - 1))
    let growth = 1 + n * variance
    let gain =
      statistic.isInfinite
      ? log(growth)
      : log1p(statistic * statistic / freedom) - log1p(statistic * statistic / freedom / growth)
    return n / 2 * gain - log(growth) / 2
  }
}
