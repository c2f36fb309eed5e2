import Foundation

/// The findings about routing, from prompt routers compared with the best static plan: whether it
/// gains enough, and whether the sample could have shown that.
///
/// Several routers are tried, so each interval is wider than 95 % by Bonferroni's rule, and power
/// is computed at the matching significance. All of them together then err as rarely as one.
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

  /// The significance level of each of this many routers.
  public static func significance(routers: Int) -> Double { 0.05 / Double(max(1, routers)) }

  /// A router's gain, with an interval that is wide enough for all routers together.
  public func estimate(_ comparison: RoutingComparison) -> Estimate {
    comparison.agreement.estimate(confidence: 1 - significance)
  }

  /// The probability of detecting a gain of the required size.
  public func power(_ comparison: RoutingComparison) -> Double {
    comparison.agreement.power(toSee: standard.gain, significance: significance)
  }

  /// How many prompts would detect it with the required power.
  public func promptsNeeded(_ comparison: RoutingComparison) -> Int? {
    comparison.agreement.trialsToDetect(
      difference: standard.gain, significance: significance, power: standard.power)
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

  private var significance: Double { Self.significance(routers: comparisons.count) }

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
    guard let best = comparisons.max(by: { $0.agreement.mean < $1.agreement.mean }) else {
      return .open("no router was compared")
    }
    let intervals = comparisons.map { estimate($0).interval }
    let found = estimate(best)
    func judged(_ holds: Bool) -> Finding {
      .met(
        holds,
        measured: "\(points(found.value)) [\(points(found.interval.lower)), "
          + "\(points(found.interval.upper))] (\(best.name), the largest)",
        asked: "≥ \(points(standard.gain))", sample: prompts)
    }
    if promptCount >= standard.prompts, intervals.contains(where: { $0.lower >= standard.gain }) {
      return judged(true)
    }
    if intervals.allSatisfy({ $0.upper < standard.gain }) {
      return judged(false).needing(isFair, "too small, if the trial were a fair one")
    }
    let settling = best.agreement.trialsToSettle(
      against: standard.gain, confidence: 1 - significance)
    return judged(false).needing(false, need(settling, "would settle it"))
  }

  private func need(_ trials: Int?, _ what: String) -> String {
    trials.map { "n ≈ \($0) \(what)" } ?? "no n \(what)"
  }

  private func points(_ share: Double) -> String { String(format: "%.2f pp", share * 100) }

  private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
