import Foundation

/// What the rows say about one criterion, and the evidence for it.
public struct Finding: Sendable, Equatable {
  /// How a criterion came out.
  public enum Outcome: String, Sendable {
    /// It holds.
    case holds
    /// It does not.
    case fails
    /// The rows do not settle it.
    case open
  }

  /// How it came out.
  public let outcome: Outcome
  /// The measured value and its interval: `58.1 % [55.0 %, 61.2 %]`; empty if nothing was measured.
  public let measured: String
  /// The criterion's threshold: `≥ 95.0 %`.
  public let asked: String
  /// The sample: `125 prompts`; empty if nothing was counted.
  public let sample: String
  /// Why it is open, and what would settle it; empty otherwise.
  public let why: String
  /// The distance of the deciding end of the interval from the threshold, as a share of the
  /// threshold; `nil` if there is no threshold.
  let margin: Double?

  init(
    _ outcome: Outcome, measured: String = "", asked: String = "", sample: String = "",
    why: String = "", margin: Double? = nil
  ) {
    self.outcome = outcome
    self.measured = measured
    self.asked = asked
    self.sample = sample
    self.why = why
    self.margin = margin
  }

  /// The evidence in one line: `58.1 % [55.0 %, 61.2 %], n = 125 prompts; asked: ≥ 95.0 %`.
  public var evidence: String {
    let figures = [measured, sample.isEmpty ? "" : "n = \(sample)"].filter { !$0.isEmpty }
    return [figures.joined(separator: ", "), asked.isEmpty ? "" : "asked: \(asked)", why]
      .filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// With fewer observations a percentile interval is too narrow to rely on.
  public static let fewestObservations = 20

  /// A criterion that the rows do not settle, and why.
  public static func open(_ why: String, measured: String = "") -> Finding {
    Finding(.open, measured: measured, why: why)
  }

  /// A criterion that holds or fails without chance.
  public static func met(
    _ condition: Bool, measured: String, asked: String, sample: String = ""
  ) -> Finding {
    Finding(condition ? .holds : .fails, measured: measured, asked: asked, sample: sample)
  }

  /// Whether something is true of every one of some items; open if there are none.
  ///
  /// - Parameters:
  ///   - outcomes: whether it is true of each.
  ///   - things: what the items are, in the plural.
  /// - Returns: a finding that says of how many items it is true.
  public static func all(_ outcomes: [Bool], of things: String) -> Finding {
    if outcomes.isEmpty { return .open("no \(things) were measured") }
    let right = outcomes.filter { $0 }.count
    return .met(
      right == outcomes.count, measured: "\(right) of \(outcomes.count)", asked: "all",
      sample: Workload.count(outcomes.count, things))
  }

  /// Whether any layers were left out at all; open if they were for none of the items.
  public static func somethingLeftOut(_ outcomes: [Bool], of things: String) -> Finding {
    let tried = outcomes.filter { $0 }.count
    return met(
      true, measured: "\(tried) of \(outcomes.count)", asked: "some",
      sample: Workload.count(outcomes.count, things)
    ).needing(tried > 0, "every one of the \(things) ran the full plan, so nothing was tried")
  }

  /// Whether a rate is at least a threshold, decided by its Wilson interval.
  ///
  /// - Parameters:
  ///   - proportion: the counts.
  ///   - threshold: what the whole interval must reach for the criterion to hold.
  ///   - things: what the trials are, in the plural.
  /// - Returns: an open finding, with the n that would decide, if the interval contains the
  ///   threshold.
  public static func atLeast(
    _ proportion: Proportion, threshold: Double, of things: String
  ) -> Finding {
    guard proportion.trials > 0 else { return .open("no \(things) were measured") }
    let needed = proportion.trialsToSettle(against: threshold).map { "n ≈ \($0) would settle it" }
    return judged(
      Estimate(
        value: proportion.rate, interval: proportion.wilson(), count: proportion.trials),
      .atLeast(threshold), things, .percent(1), unit: "",
      open: needed ?? "no n would settle it at this rate")
  }

  /// Whether an estimate is at least a threshold, decided by its interval.
  ///
  /// - Parameters:
  ///   - estimate: the quantity with its interval.
  ///   - threshold: what the whole interval must reach for the criterion to hold.
  ///   - things: what the observations are, in the plural.
  ///   - presentation: how the figures are shown.
  ///   - unit: the figures' unit.
  ///   - fewest: with fewer observations the finding is open, whatever the interval.
  /// - Returns: an open finding if the interval contains the threshold.
  public static func atLeast(
    _ estimate: Estimate, threshold: Double, of things: String,
    show presentation: Presentation = .decimals(3), unit: String = "",
    fewest: Int = fewestObservations
  ) -> Finding {
    judged(estimate, .atLeast(threshold), things, presentation, unit: unit)
      .needing(estimate.count >= fewest, "\(estimate.count) \(things), at least \(fewest) needed")
  }

  /// Whether an estimate is at most a threshold, decided by its interval.
  ///
  /// The parameters are those of `atLeast`.
  public static func atMost(
    _ estimate: Estimate, threshold: Double, of things: String,
    show presentation: Presentation = .decimals(3), unit: String = "",
    fewest: Int = fewestObservations
  ) -> Finding {
    judged(estimate, .atMost(threshold), things, presentation, unit: unit)
      .needing(estimate.count >= fewest, "\(estimate.count) \(things), at least \(fewest) needed")
  }

  /// This finding, or an open one with the same figures if one of the criterion's conditions is not
  /// met.
  public func needing(_ condition: Bool, _ why: String) -> Finding {
    if condition { return self }
    return Finding(.open, measured: measured, asked: asked, sample: sample, why: why)
  }

  // MARK: -

  private enum Requirement {
    case atLeast(Double)
    case atMost(Double)
  }

  private static func judged(
    _ estimate: Estimate, _ requirement: Requirement, _ things: String,
    _ presentation: Presentation, unit: String, open: String = ""
  ) -> Finding {
    let interval = estimate.interval
    let (outcome, asked, margin): (Outcome, String, Double)
    switch requirement {
    case .atLeast(let threshold):
      outcome =
        interval.lower >= threshold ? .holds : interval.upper < threshold ? .fails : .open
      asked = "≥ " + NumberFormat.text(threshold, presentation, unit: unit)
      margin = Self.margin(outcome == .fails ? interval.upper : interval.lower, threshold)
    case .atMost(let threshold):
      outcome =
        interval.upper <= threshold ? .holds : interval.lower > threshold ? .fails : .open
      asked = "≤ " + NumberFormat.text(threshold, presentation, unit: unit)
      margin = Self.margin(outcome == .fails ? interval.lower : interval.upper, threshold)
    }
    return Finding(
      outcome,
      measured: NumberFormat.text(estimate.value, presentation, unit: unit) + " "
        + NumberFormat.text(interval, presentation),
      asked: asked, sample: Workload.count(estimate.count, things),
      why: outcome == .open ? open : "", margin: margin)
  }

  private static func margin(_ end: Double, _ threshold: Double) -> Double {
    abs(end - threshold) / max(abs(threshold), 1e-12)
  }
}
