/// The findings about routing, from prompt routers compared with the best static plan: whether it
/// gains enough, and whether the sample could have shown that.
///
/// Several routers are tried, so intervals hold for all of them together (Bonferroni's rule), and
/// power is computed for such intervals. They are valid at every look.
public struct RoutingFindings: Sendable {
  /// The requirements on routing, and on the trial.
  public struct Standard: Sendable {
    /// The gain in agreement that routing must bring, as a share of positions.
    public let gain: Double
    /// The probability with which a gain of that size must be detected.
    public let power: Double
    /// The number of distinct plans that a router must use.
    public let plans: Int
    /// With fewer prompts, intervals and standard deviations are unreliable.
    public let prompts: Int

    /// A standard from its parts.
    public init(gain: Double, power: Double, plans: Int, prompts: Int) {
      (self.gain, self.power, self.plans, self.prompts) = (gain, power, plans, prompts)
    }
  }

  private let comparisons: [RoutingComparison]
  private let executedLayers: Set<Int>
  private let standard: Standard

  /// Findings about routers.
  ///
  /// - Parameters:
  ///   - comparisons: each router, compared with the best static plan.
  ///   - executedLayers: the executed blocks that the loop counted, for all prompts and plans.
  ///   - standard: the requirements.
  public init(
    _ comparisons: [RoutingComparison], executedLayers: Set<Int>, standard: Standard
  ) {
    (self.comparisons, self.executedLayers, self.standard) =
      (comparisons, executedLayers, standard)
  }

  /// A router's gain, with intervals that hold for all routers together.
  public func estimate(_ comparison: RoutingComparison) -> Estimate {
    comparison.agreement.estimate().amongst(comparisons.count)
  }

  /// The probability of detecting a gain of the required size.
  public func power(_ comparison: RoutingComparison) -> Double {
    comparison.agreement.anytimePower(toSee: standard.gain, error: error)
  }

  /// The smallest gain that is detected with the required power.
  public func detectable(_ comparison: RoutingComparison) -> Double {
    comparison.agreement.anytimeDetectable(error: error, power: standard.power)
  }

  /// How many prompts would detect it with the required power.
  public func promptsNeeded(_ comparison: RoutingComparison) -> Int? {
    comparison.agreement.anytimeTrials(
      toDetect: standard.gain, error: error, power: standard.power)
  }

  /// Every criterion with its finding.
  ///
  /// A null result needs a fair trial: without equal depth, enough plans and enough power, the gain
  /// is not called too small.
  public var all: [NamedFinding] {
    let fairness = [equalDepth, plansInUse, enoughPower]
    let gain = gain(isFair: fairness.allSatisfy { $0.outcome == .holds })
    return [
      NamedFinding("equal depth", fairness[0]), NamedFinding("plans in use", fairness[1]),
      NamedFinding("power", gain.outcome == .holds ? seen : fairness[2]),
      NamedFinding("gain", gain),
    ]
  }

  /// The error of each router's interval.
  private var error: Double { 0.05 / Double(max(1, comparisons.count)) }

  private var promptCount: Int { comparisons.first?.agreement.count ?? 0 }

  private var prompts: String { "\(promptCount) prompts" }

  private var equalDepth: Finding {
    let counts = executedLayers.sorted().map(String.init).joined(separator: ", ")
    return Finding.met(
      true, measured: counts.isEmpty ? "none" : counts, asked: "one number", sample: prompts
    ).needing(executedLayers.count == 1, "the loop did not count as many layers under every plan")
  }

  private var plansInUse: Finding {
    let routers = Dictionary(grouping: comparisons, by: \.router)
      .mapValues { $0.map(\.planCount).max() ?? 0 }.sorted { $0.key < $1.key }
    return Finding.met(
      true, measured: routers.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      asked: "≥ \(standard.plans) each", sample: prompts
    ).needing(
      !routers.isEmpty && routers.allSatisfy { $0.value >= standard.plans },
      "too few distinct plans")
  }

  private var enoughPower: Finding {
    guard let weakest = comparisons.min(by: { power($0) < power($1) }) else {
      return .open("no router was compared")
    }
    return Finding.met(
      true, measured: "\(rounded(power(weakest))) (\(weakest.name))",
      asked: "≥ \(standard.power) for a gain of \(points(standard.gain))", sample: prompts
    ).needing(
      power(weakest) >= standard.power,
      need(promptsNeeded(weakest), "would do with \(standard.power)")
    ).needing(promptCount >= standard.prompts, "at least \(standard.prompts) prompts needed")
  }

  /// A gain that was detected needs no proof of power.
  private var seen: Finding {
    .met(true, measured: "a gain was seen", asked: "that one can be", sample: prompts)
  }

  private func gain(isFair: Bool) -> Finding {
    let estimates = comparisons.map { (name: $0.name, estimate: estimate($0)) }
    // One interval above the standard shows a gain; only all of them below it show that there is none.
    let highest = estimates.max { $0.estimate.anytime.lower < $1.estimate.anytime.lower }
    let widest = estimates.max { $0.estimate.anytime.upper < $1.estimate.anytime.upper }
    guard let highest, let widest else { return .open("no router was compared") }
    let telling = highest.estimate.anytime.lower >= standard.gain ? highest : widest
    let finding = Finding.atLeast(
      telling.estimate, threshold: standard.gain, of: "prompts (\(telling.name))",
      show: .percent(2), fewest: standard.prompts)
    guard finding.outcome == .fails else { return finding }
    // If one gain were large enough, its own interval alone would have to miss it; so the largest
    // p-value counts, without correction (an intersection–union test: Berger 1982, Technometrics 24).
    let pValue = comparisons.map { $0.agreement.estimate().pValue(against: standard.gain) }.max()
    return Finding(
      .fails, measured: finding.measured, anytime: finding.anytime, asked: finding.asked,
      sample: finding.sample, failure: pValue, margin: finding.margin
    ).needing(isFair, "too small, if the trial were a fair one")
  }

  private func need(_ trials: Int?, _ what: String) -> String {
    trials.map { "n ≈ \($0) \(what)" } ?? "no n \(what)"
  }

  private func points(_ share: Double) -> String {
    NumberFormat.text(share * 100, .decimals(2), unit: "points")
  }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
