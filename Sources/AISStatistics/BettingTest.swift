import Foundation

/// Tests whether the mean of independent numbers in [0, 1] is below a bound, for any distribution and
/// any sample size.
///
/// A gambler bets on each number x, in turn, that the mean is below the bound b. Each bet is a share
/// λ of the capital, so the capital becomes Π(1 + λ·(b − x)). If the mean is b or more, no λ in
/// [0, 1/(1 − b)] gains on average. Then the capital grows K-fold with a probability of at most 1/K,
/// which is the p-value. The starting capital is divided over a grid of λ, which does nearly as well
/// as the best λ, whatever the spread of the numbers. Their order does not matter. The grid covers
/// the upper half of the allowed range: smaller bets are best only if the mean is so near the bound
/// that no bet gains much.
///
/// Why not a closed formula: Hoeffding's and Bentkus's bounds use only the mean. If the numbers vary
/// little, as the means of texts do, those bounds need several times as many numbers.
///
/// Source: Waudby-Smith and Ramdas 2024, JRSS B 86, 1–27 (arXiv 2010.09686), the hedged capital of
/// section 4 with diversified bets (dKelly, appendix B); Ville 1939.
public enum BettingTest {
  /// Number of bets λ, spaced evenly over the upper half of the allowed range.
  private static let bets = 32

  /// The p-value of the hypothesis that the mean is `bound` or more.
  ///
  /// - Parameters:
  ///   - values: independent numbers of one distribution, each in [0, 1].
  ///   - bound: the number that the mean is compared with, in (0, 1).
  /// - Returns: The p-value. It is 1 if the values do not contradict the hypothesis at all, or if a
  ///   value is outside [0, 1].
  public static func pValue(_ values: [Double], meanAtLeast bound: Double) -> Double {
    precondition(bound > 0 && bound < 1, "a bound inside (0, 1)")
    guard values.allSatisfy({ (0...1).contains($0) }) else { return 1 }
    let logs = (1...bets).map { bet in
      let share = (0.5 + 0.5 * Double(bet) / Double(bets)) / (1 - bound)
      // At a value of 1 the largest bet loses everything; rounding must not make the factor
      // negative.
      return values.reduce(0) { $0 + log(max(0, 1 + share * (bound - $1))) }
    }
    guard let largest = logs.max(), largest > -.infinity else { return 1 }
    let capital = logs.reduce(0) { $0 + exp($1 - largest) } / Double(bets)
    return min(1, exp(-largest) / capital)
  }

  /// The number of values that make the p-value at most `pValue` if all of them are 0, the best case.
  ///
  /// Found in growing steps, so it can be up to 1/64 more than the smallest such number.
  public static func fewest(meanAtLeast bound: Double, pValue: Double) -> Int {
    precondition(pValue > 0, "a p-value above 0")
    var count = 1
    while self.pValue([Double](repeating: 0, count: count), meanAtLeast: bound) > pValue {
      count += max(1, count / 64)
    }
    return count
  }
}
