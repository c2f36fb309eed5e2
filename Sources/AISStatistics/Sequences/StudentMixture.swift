import Foundation

/// Intervals for means that stay valid however often one looks: the time-uniform counterpart of
/// Student's.
///
/// A 95 % interval of fixed n covers the truth with 95 % probability at one chosen n. Over many
/// looks the chance that at least one of them misses grows towards 1. These intervals are wider, and
/// miss at any look with at most the error asked for, whatever the rule for stopping.
///
/// They are exact for independent normal units of unknown variance. For other units they hold
/// asymptotically, as the fixed interval does, and need the same least number of units; skewed units
/// need more.
///
/// Source: Lai 1976, Annals of Statistics 4, 265–280; Wang and Ramdas 2024, "Anytime-valid t-tests
/// and confidence sequences for Gaussian means with unknown variance" (arXiv 2310.03722). The
/// mixture is the normal prior on the mean over the deviation with the right Haar prior on the
/// deviation: Rouder, Speckman, Sun, Morey and Iverson 2009, Psychonomic Bulletin & Review 16. For
/// other units: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, Annals of Statistics 52,
/// 2613–2640 (asymptotic confidence sequences).
public struct StudentMixture: Sendable {
  /// The prior's variance of the mean over the deviation.
  private let variance: Double

  /// For processes: narrow with five to twenty units.
  public static let processes = StudentMixture(variance: 10)

  /// For prompts, texts and subjects: narrowest near 200 units.
  ///
  /// In standard errors the interval is 6 % wider at ten times as many units, and 75 % at a tenth;
  /// with fewer than about a dozen it is infinite.
  public static let units: StudentMixture = {
    let nats = -2 * log(0.05)
    return StudentMixture(variance: (nats + log(nats) + 1) / 200)
  }()

  /// The half-width in standard errors after `count` units; infinite if no width is enough.
  public func width(count: Int, error: Double) -> Double {
    guard count > 1 else { return .infinity }
    let goal = -log(error)
    guard logWealth(.infinity, count) > goal else { return .infinity }
    return Distributions.bisect(from: 0, to: 1e6) { logWealth($0, count) < goal }
  }

  /// The logarithm of the wealth of a bet against a mean that is `statistic` standard errors away.
  private func logWealth(_ statistic: Double, _ count: Int) -> Double {
    let (n, freedom) = (Double(count), Double(count - 1))
    let growth = 1 + n * variance
    let gain =
      statistic.isInfinite
      ? log(growth)
      : log1p(statistic * statistic / freedom) - log1p(statistic * statistic / freedom / growth)
    return n / 2 * gain - log(growth) / 2
  }
}
