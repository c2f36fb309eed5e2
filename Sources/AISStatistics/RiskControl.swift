import AISBase

/// Chooses the threshold above which tokens may leave, with a guarantee that holds for any model, any
/// router and any distribution of texts.
///
/// The guarantee: with probability at least 1 − `error` over the draw of the texts, the share of a new
/// text's tokens that leave *and* would have been others had they stayed is at most `risk` on average.
/// It is a share of all tokens, those that stay included, and by `text` a mean over texts, in which a
/// short one counts as much as a long one.
///
/// Thresholds are tried from the highest down, each as a hypothesis that the risk is above what is
/// allowed, until one cannot be rejected; the last that was rejected is chosen (fixed-sequence
/// testing: since the order is fixed before the data are seen and testing ends at the first failure,
/// each test may use the whole `error`). Of the thresholds that pass it lets most tokens leave.
///
/// What it does not promise: anything about texts of another kind, about a single text, or about
/// routers whose texts these are. And it is about single decisions on the full model's states: what a
/// row that has left changes in later rows is not in it.
///
/// Source: Angelopoulos, Bates, Candès, Jordan and Lei 2021, "Learn then Test" (arXiv 2110.01052).
public struct RiskControl: Sendable, Equatable {
  /// What is independent of what, and so may be counted.
  public enum Unit: String, Sendable, CaseIterable {
    /// Texts: the mean loss of each counts once, in the betting test. Tokens of one text may depend
    /// on each other in any way.
    case text
    /// Tokens: the exact binomial test (Clopper and Pearson). Valid only where tokens are
    /// independent, which those of one text are not: on them it errs more often than it says.
    case token
  }

  /// The share of all tokens that may leave and be wrong, δ; by `text`, its mean over texts.
  public var risk: Double
  /// How often the guarantee may fail over draws of texts, ε.
  public var error: Double
  /// What is counted.
  public var unit: Unit

  /// A risk to control.
  public init(risk: Double = 0.05, error: Double = 0.1, unit: Unit = .text) {
    self.risk = risk
    self.error = error
    self.unit = unit
  }

  /// A threshold above every score: no token ever leaves.
  public static let never = 1.01

  /// The thresholds that are tried, in order; fixed before any data are seen.
  public static let thresholds: [Double] = (1..<200).reversed().map { Double($0) / 200 }

  /// Throws where a setting has no meaning, naming it.
  ///
  /// - Throws: `RequestError`.
  public func validate() throws {
    for (name, value) in [("delta", risk), ("epsilon", error)] where !(value > 0 && value < 1) {
      throw RequestError(name, expected: "a number inside (0, 1)", found: "\(value)")
    }
  }

  /// What was found at one threshold.
  public struct Step: Sendable, Equatable {
    /// The threshold.
    public let threshold: Double
    /// Tokens that leave.
    public let exits: Int
    /// Tokens that leave and would have been others.
    public let disagreements: Int
    /// The mean loss in the unit that is counted.
    public let loss: Double
    /// How surprising that is, were the risk above what is allowed.
    public let pValue: Double
  }

  /// What was chosen, and on what.
  public struct Choice: Sendable, Equatable {
    /// The threshold; `nil` where not even the highest could be had.
    public let threshold: Double?
    /// Every threshold that was tried, in order; the last may be the one that failed.
    public let steps: [Step]
    /// Texts and tokens that it rests on.
    public let texts: Int
    /// See `texts`.
    public let rows: Int

    /// What was found at the threshold that was chosen.
    public var step: Step? { steps.last { $0.threshold == threshold } }
    /// The share of tokens that leave there; 0 where none was chosen.
    public var exitRate: Double {
      step.map { Double($0.exits) / Double(max(rows, 1)) } ?? 0
    }
  }

  /// Chooses a threshold.
  ///
  /// - Parameter outcomes: what leaving would do, in texts that nothing else was fitted to.
  /// - Returns: the threshold, with all that were tried.
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
