import Foundation

/// Intervals for a proportion that stay valid however often one looks.
///
/// A gambler bets on each outcome against a hypothetical rate; the stakes are mixed over all rates by
/// the Beta(½, ½) distribution. Under the true rate the wealth is a martingale, so it ever exceeds
/// 1/α with a probability of at most α. The interval holds the rates that lost less than that. It is
/// exact for every number of trials.
///
/// Source: Robbins 1970, Annals of Mathematical Statistics 41, 1397–1409; as betting: Waudby-Smith
/// and Ramdas 2024, JRSS B 86, 1–27; Ville 1939.
public enum ProportionSequence {
  /// The rates that the outcomes do not exclude.
  public static func interval(
    successes: Int, trials: Int, error: Double
  ) -> (lower: Double, upper: Double) {
    precondition(successes >= 0 && successes <= trials, "0 ≤ successes ≤ trials")
    if trials == 0 { return (0, 1) }
    let (won, lost) = (Double(successes), Double(trials - successes))
    let rate = won / (won + lost)
    let goal = -log(error)
    // The wealth falls up to the observed rate, and rises after it.
    let lower =
      successes == 0
      ? 0 : Distributions.bisect(from: 0, to: rate) { logWealth(won, lost, $0) > goal }
    let upper =
      successes == trials
      ? 1 : Distributions.bisect(from: rate, to: 1) { logWealth(won, lost, $0) <= goal }
    return (lower, upper)
  }

  private static func logWealth(_ won: Double, _ lost: Double, _ rate: Double) -> Double {
    let mixed =
      lgamma(won + 0.5) + lgamma(lost + 0.5) - lgamma(won + lost + 1) - log(Double.pi)
    return mixed - (won > 0 ? won * log(rate) : 0) - (lost > 0 ? lost * log1p(-rate) : 0)
  }
}
