import AISBase

/// Chooses the threshold above which tokens may exit, with a guarantee that holds for any model, any
/// router and any distribution of texts.
///
/// The guarantee: with probability at least 1 − `error` over the draw of the texts, the mean loss on
/// new texts is at most `risk`. The loss is the share of tokens that exit *and* differ from the full
/// model's token. It is a share of all tokens, exited or not. With `Unit.text` the mean is over
/// texts, so a short text counts as much as a long one. The share of all texts' tokens together is
/// another number, on which long texts weigh more: nothing bounds it, and it may be above `risk`.
///
/// Thresholds are tested from the highest down. Each test has the hypothesis that the loss is above
/// `risk`. Testing ends at the first hypothesis that cannot be rejected, and the last threshold
/// before it is chosen. This is fixed-sequence testing: the order is fixed before the data are seen,
/// so each test may use the whole `error`. Of the thresholds that pass, the chosen one lets the most
/// tokens exit.
///
/// The guarantee does not cover texts of another kind, single texts, or routers that were trained on
/// these texts. It covers what the outcomes count. If they are counted on the full model's states, it
/// leaves out the effect of an exited row on later rows; if they are counted on passes from which
/// rows really exit, that effect is inside.
///
/// Source: Angelopoulos, Bates, Candès, Jordan and Lei 2021, "Learn then Test" (arXiv 2110.01052).
public struct RiskControl: Sendable, Equatable {
  /// The unit that is assumed independent, and so is counted.
  public enum Unit: String, Sendable, CaseIterable {
    /// Texts: each text's mean loss counts once, in the betting test. Tokens of one text may depend
    /// on each other in any way.
    case text
    /// Tokens: the exact binomial test (Clopper and Pearson). Valid only if tokens are independent.
    /// Tokens of one text are not, so the guarantee then fails more often than `error`.
    case token
  }

  /// δ: the allowed share of tokens that exit and are wrong; with `Unit.text`, its mean over texts.
  public var risk: Double
  /// ε: the probability, over draws of texts, with which the guarantee may fail.
  public var error: Double
  /// The unit that is counted.
  public var unit: Unit

  /// A risk to control.
  public init(risk: Double = 0.05, error: Double = 0.1, unit: Unit = .text) {
    self.risk = risk
    self.error = error
    self.unit = unit
  }

  /// A threshold above every score, so that no token exits.
  public static let never = 1.01

  /// The thresholds that are tested, in order; fixed before any data are seen.
  public static let thresholds: [Double] = (1..<200).reversed().map { Double($0) / 200 }

  /// Checks the settings.
  ///
  /// - Throws: `RequestError` that names a setting outside its range.
  public func validate() throws {
    for (name, value) in [("delta", risk), ("epsilon", error)] where !(value > 0 && value < 1) {
      throw RequestError(name, expected: "a number inside (0, 1)", found: "\(value)")
    }
  }

  /// The result at one threshold.
  public struct Step: Sendable, Equatable {
    /// The threshold.
    public let threshold: Double
    /// Tokens that exit.
    public let exits: Int
    /// Tokens that exit and differ from the full model's.
    public let disagreements: Int
    /// The mean loss over the units that are counted.
    public let loss: Double
    /// The p-value of the hypothesis that the loss is above the allowed risk.
    public let pValue: Double
  }

  /// The chosen threshold, and the data that it rests on.
  public struct Choice: Sendable, Equatable {
    /// The threshold; `nil` if even the highest failed.
    public let threshold: Double?
    /// Every threshold that was tested, in order; the last may be the one that failed.
    public let steps: [Step]
    /// Texts with rows.
    public let texts: Int
    /// Tokens.
    public let rows: Int

    /// The result at the chosen threshold.
    public var step: Step? { steps.last { $0.threshold == threshold } }
    /// The share of tokens that exit at it; 0 if none was chosen.
    public var exitRate: Double {
      step.map { Double($0.exits) / Double(max(rows, 1)) } ?? 0
    }
  }

  /// Chooses a threshold.
  ///
  /// - Parameter outcomes: the effect of exit in texts that nothing else was fitted to.
  /// - Returns: The threshold, with all that were tested.
  public func choose(_ outcomes: ExitOutcomes) -> Choice {
    var steps: [Step] = []
    var chosen: Double?
    for place in outcomes.thresholds.indices {
      let step = step(outcomes, place)
      steps.append(step)
      guard step.pValue <= error else { break }
      chosen = step.threshold
    }
    return Choice(
      threshold: chosen, steps: steps, texts: outcomes.rows.count { $0 > 0 },
      rows: outcomes.rows.reduce(0, +))
  }

  private func step(_ outcomes: ExitOutcomes, _ place: Int) -> Step {
    let exits = outcomes.exits[place].reduce(0, +)
    let disagreements = outcomes.disagreements[place].reduce(0, +)
    let (loss, pValue): (Double, Double)
    switch unit {
    case .token:
      let rows = outcomes.rows.reduce(0, +)
      loss = Double(disagreements) / Double(rows)
      pValue =
        rows == 0 ? 1 : Distributions.binomialAtMost(disagreements, of: rows, rate: risk)
    case .text:
      let losses = outcomes.losses(place)
      loss = losses.reduce(0, +) / Double(losses.count)
      pValue = BettingTest.pValue(losses, meanAtLeast: risk)
    }
    return Step(
      threshold: outcomes.thresholds[place], exits: exits, disagreements: disagreements,
      loss: loss, pValue: pValue)
  }
}
