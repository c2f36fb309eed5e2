import Foundation

/// Intervals for means that stay valid however often one looks: the normal mixture's boundary.
///
/// A 95 % interval of fixed n covers the truth with 95 % probability at one chosen n. Over many
/// looks the chance that at least one of them misses grows towards 1. This boundary is wider, and
/// misses at any look with at most the error asked for, whatever the rule for stopping.
///
/// It assumes that the estimate is asymptotically normal, as the fixed interval does; so it needs
/// the same least number of units.
///
/// Source: Robbins 1970, Annals of Mathematical Statistics 41, 1397–1409; Waudby-Smith, Arbour,
/// Sinha, Kennedy and Ramdas 2024, Annals of Statistics 52, 2613–2640 (asymptotic confidence
/// sequences), theorem 2.2.
public enum NormalMixture {
  /// The number of units near which the interval is narrowest, fixed for all results.
  ///
  /// Far from it the interval is only a little wider: by 7 % at ten times as many units, by 24 % at
  /// a tenth.
  public static let bestCount = 200.0

  /// The mixture's variance, for units of variance 1, from `bestCount` and an error of 5 %.
  private static let variance: Double = {
    let nats = -2 * log(0.05)
    return (nats + log(nats) + 1) / bestCount
  }()

  /// The half-width in standard errors after `count` units.
  public static func width(count: Double, error: Double) -> Double {
    let growth = 1 + count * variance
    return (2 * growth / (growth - 1) * (log(growth) / 2 - log(error))).squareRoot()
  }
}
