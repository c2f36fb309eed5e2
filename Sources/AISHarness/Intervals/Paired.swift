import AISKit

/// The same questions answered twice, by a baseline and by a variant.
public struct Paired: Sendable, Equatable {
  /// Right by both.
  public let bothRight: Int
  /// Right by the baseline only: what the variant lost.
  public let lost: Int
  /// Right by the variant only: what it gained.
  public let gained: Int
  /// Wrong by both.
  public let bothWrong: Int

  /// A two-by-two table from its cells.
  public init(bothRight: Int, lost: Int, gained: Int, bothWrong: Int) {
    precondition(min(bothRight, lost, gained, bothWrong) >= 0, "counts are not negative")
    self.bothRight = bothRight
    self.lost = lost
    self.gained = gained
    self.bothWrong = bothWrong
  }

  /// The table of answers paired one to one.
  public init(baseline: [Bool], variant: [Bool]) {
    precondition(baseline.count == variant.count, "one answer each to every question")
    var cells = [0, 0, 0, 0]
    for (before, after) in zip(baseline, variant) {
      cells[(before ? 0 : 2) + (after ? 0 : 1)] += 1
    }
    self.init(bothRight: cells[0], lost: cells[1], gained: cells[2], bothWrong: cells[3])
  }

  /// How many questions were answered.
  public var count: Int { bothRight + lost + gained + bothWrong }

  /// The share the baseline got right.
  public var baseline: Proportion { Proportion(successes: bothRight + lost, trials: count) }

  /// The share the variant got right.
  public var variant: Proportion { Proportion(successes: bothRight + gained, trials: count) }

  /// The variant's accuracy less the baseline's.
  public var difference: Double { Double(gained - lost) / Double(count) }

  /// The p-value of McNemar's exact two-sided test that losses and gains are equally likely.
  ///
  /// It is twice the smaller binomial tail of the flips at one half, at most 1.
  ///
  /// Source: McNemar 1947, Psychometrika 12, 153–157, in its exact binomial form.
  public var pValue: Double {
    min(1, 2 * Distributions.binomialAtMost(min(lost, gained), of: lost + gained, rate: 0.5))
  }
}
