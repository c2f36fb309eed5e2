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
  /// The measured value and its interval for a sample of fixed size: `58.1 % [55.0 %, 61.2 %]`;
  /// empty if nothing was measured.
  public let measured: String
  /// The interval that is valid at every look, which decides: `[54.0 %, 62.1 %]`; empty if chance
  /// has no part.
  public let anytime: String
  /// The criterion's threshold: `≥ 95.0 %`.
  public let asked: String
  /// The sample: `125 prompts`; empty if nothing was counted.
  public let sample: String
  /// Why it is open, and what would settle it; empty otherwise.
  public let why: String
  /// How likely so bad a result is at some look if the criterion holds; 1 if it does not look bad,
  /// 0 if it fails without chance.
  let failure: Double
  /// The distance of the deciding end of the interval from the threshold, as a share of the
  /// threshold; `nil` if there is no threshold.
  let margin: Double?

  package init(
    _ outcome: Outcome, measured: String = "", anytime: String = "", asked: String = "",
    sample: String = "", why: String = "", failure: Double? = nil, margin: Double? = nil
  ) {
    self.outcome = outcome
    self.measured = measured
    self.anytime = anytime
    self.asked = asked
    self.sample = sample
    self.why = why
    self.failure = failure ?? (outcome == .fails ? 0 : 1)
    self.margin = margin
  }

  /// The evidence in one line: `58.1 % [55.0 %, 61.2 %], n = 125 prompts; asked: ≥ 95.0 %`.
  public var evidence: String {
    let looked = anytime.isEmpty ? "" : "anytime \(anytime)"
    let figures = [measured, looked, sample.isEmpty ? "" : "n = \(sample)"].filter { !$0.isEmpty }
    return [figures.joined(separator: ", "), asked.isEmpty ? "" : "asked: \(asked)", why]
      .filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// With fewer observations an interval is too narrow to rely on.
  public static let fewestObservations = 20
  /// With fewer processes a time is not settled, however many pairs each has.
  public static let fewestProcesses = 5

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

  /// Whether a rate is at least a threshold, decided by its confidence sequence.
  ///
  /// - Parameters:
  ///   - proportion: the counts; trials must be independent.
  ///   - threshold: what the whole interval must reach for the criterion to hold.
  ///   - things: what the trials are, in the plural.
  /// - Returns: an open finding, with the n that would decide, if the interval contains the
  ///   threshold.
  public static func atLeast(
    _ proportion: Proportion, threshold: Double, of things: String
  ) -> Finding {
    guard proportion.trials > 0 else { return .open("no \(things) were measured") }
    return judged(proportion.estimate, .atLeast(threshold), things, .percent(1), unit: "")
  }

  /// Whether an estimate is at least a threshold, decided by its anytime interval.
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
      .needing(
        estimate.count >= fewest,
        "\(Workload.count(estimate.count, things)), at least \(fewest) needed")
  }

  /// Whether an estimate is at most a threshold, decided by its anytime interval.
  ///
  /// The parameters are those of `atLeast`.
  public static func atMost(
    _ estimate: Estimate, threshold: Double, of things: String,
    show presentation: Presentation = .decimals(3), unit: String = "",
    fewest: Int = fewestObservations
  ) -> Finding {
    judged(estimate, .atMost(threshold), things, presentation, unit: unit)
      .needing(
        estimate.count >= fewest,
        "\(Workload.count(estimate.count, things)), at least \(fewest) needed")
  }

  /// Whether a figure of times is at least a threshold; open if there is none, or if too few
  /// processes timed it.
  public static func timed(
    _ estimate: Estimate?, atLeast threshold: Double, show presentation: Presentation = .decimals(3)
  ) -> Finding {
    estimate.map {
      atLeast(
        $0, threshold: threshold, of: "processes", show: presentation, fewest: fewestProcesses)
    } ?? .open("nothing was timed")
  }

  /// This finding, or an open one with the same figures if one of the criterion's conditions is not
  /// met.
  public func needing(_ condition: Bool, _ why: String) -> Finding {
    condition ? self : opened(why)
  }

  /// The same figures without a decision.
  func opened(_ why: String) -> Finding {
    Finding(
      .open, measured: measured, anytime: anytime, asked: asked, sample: sample, why: why)
  }

  // MARK: -

  private enum Requirement {
    case atLeast(Double)
    case atMost(Double)

    var threshold: Double {
      switch self {
      case .atLeast(let threshold), .atMost(let threshold): threshold
      }
    }
  }

  private static func judged(
    _ estimate: Estimate, _ requirement: Requirement, _ things: String,
    _ presentation: Presentation, unit: String
  ) -> Finding {
    let (interval, threshold) = (estimate.anytime, requirement.threshold)
    let (outcome, sign, deciding): (Outcome, String, Double)
    switch requirement {
    case .atLeast:
      outcome =
        interval.lower >= threshold ? .holds : interval.upper < threshold ? .fails : .open
      (sign, deciding) = ("≥ ", outcome == .fails ? interval.upper : interval.lower)
    case .atMost:
      outcome =
        interval.upper <= threshold ? .holds : interval.lower > threshold ? .fails : .open
      (sign, deciding) = ("≤ ", outcome == .fails ? interval.lower : interval.upper)
    }
    let settling = estimate.countToSettle(against: threshold)
      .map { "n ≈ \(NumberFormat.text(.integer($0), .automatic)) would settle it" }
    return Finding(
      outcome,
      measured: NumberFormat.text(estimate.value, presentation, unit: unit) + " "
        + NumberFormat.text(estimate.interval, presentation),
      anytime: interval.isFinite ? NumberFormat.text(interval, presentation) : "",
      asked: sign + NumberFormat.text(threshold, presentation, unit: unit),
      sample: Workload.count(estimate.count, things),
      why: outcome == .open ? settling ?? "no n is known to settle it" : "",
      failure: outcome == .fails ? estimate.pValue(against: threshold) : 1,
      margin: abs(deciding - threshold) / max(abs(threshold), 1e-12))
  }
}

extension [NamedFinding] {
  /// The findings of one page as one family: a failure counts only if it survives Holm's
  /// correction over all of them.
  ///
  /// Of twelve true criteria, the worst fails by chance more often than one. A claim that needs all
  /// its criteria to hold needs no correction for that (an intersection–union test).
  ///
  /// Source: Holm 1979; Berger 1982, Technometrics 24, 295–300.
  package var corrected: [NamedFinding] {
    let adjusted = Holm.adjusted(map(\.finding.failure))
    return zip(self, adjusted).map { named, pValue in
      guard named.finding.outcome == .fails, pValue > 0.05 else { return named }
      let text = NumberFormat.text(.real(pValue), .automatic)
      return NamedFinding(
        named.name,
        named.finding.opened("one of \(count) criteria may fail by chance, p = \(text)"))
    }
  }
}
