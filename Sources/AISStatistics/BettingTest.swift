import Foundation

/// Whether the mean of independent numbers in [0, 1] lies below a bound, for any distribution and any
/// number of them.
///
/// A gambler who believes that the mean is below the bound b bets a share λ of what he owns on it,
/// number after number: he then owns Π(1 + λ·(b − x)). Were the mean b or more, no λ in
/// [0, 1/(1 − b)] would let him gain on average, so the chance that he comes to own K times what he
/// began with is at most 1/K, which is the p-value. He divides what he begins with over a grid of λ
/// and so does nearly as well as the best of them, whatever the spread of the numbers; their order
/// does not matter. The grid is the upper half of what is allowed: smaller bets are the best ones
/// only where the mean is so near the bound that no bet gains much.
///
/// Why this and not a closed formula: of numbers that spread little, as texts' means do, Hoeffding's
/// and Bentkus's bounds know only the mean and need several times as many.
///
/// Source: Waudby-Smith and Ramdas 2024, JRSS B 86, 1–27 (arXiv 2010.09686), the hedged capital of
/// section 4 with diversified bets (dKelly, appendix B); Ville 1939.
public enum BettingTest {
  /// Bets, evenly over the upper half of what is allowed.
  private static let bets = 32

  /// The p-value of the hypothesis that the mean is `bound` or more.
  ///
  /// - Parameters:
  ///   - values: independent, of one distribution, each in [0, 1].
  ///   - bound: what the mean is compared with, in (0, 1).
  /// - Returns: 1 where nothing speaks against the hypothesis, or a value is no number in [0, 1].
  public static func pValue(_ values: [Double], meanAtLeast bound: Double) -> Double {
    precondition(bound > 0 && bound < 1, "a bound inside (0, 1)")
    guard values.allSatisfy({ (0...1).contains($0) }) else { return 1 }
    let logs = (1...bets).map { bet in
      let share = (0.5 + 0.5 * Double(bet) / Double(bets)) / (1 - bound)
      // The largest bet loses all at a value of 1; rounding must not make that less than all.
      return values.reduce(0) { $0 + log(max(0, 1 + share * (bound - $1))) }
    }
    guard let largest = logs.max(), largest > -.infinity else { return 1 }
    let capital = logs.reduce(0) { $0 + exp($1 - largest) } / Double(bets)
    return min(1, exp(-largest) / capital)
  }

  /// How many values of 0, the best there can be, would make the p-value so small.
  public static func fewest(meanAtLeast bound: Double, pValue: Double) -> Int {
    precondition(pValue > 0, "a p-value above 0")
    var count = 1
    while self.pValue([Double](repeating: 0, count: count), meanAtLeast: bound) > pValue {
      count += max(1, count / 64)
    }
    return count
  }
}
