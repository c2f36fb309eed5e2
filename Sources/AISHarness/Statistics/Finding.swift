/// What the rows say about one criterion.
public enum Finding: Sendable, Equatable {
  /// It holds.
  case holds
  /// It does not.
  case fails
  /// The rows settle nothing; the text says why, and what would.
  case unsettled(String)

  /// A criterion that either holds or doesn't, with no chance in it.
  public init(_ condition: Bool) { self = condition ? .holds : .fails }

  /// Whether a rate is at least a threshold, as far as its Wilson interval supports saying so.
  ///
  /// - Parameters:
  ///   - name: what the rate is of.
  ///   - proportion: the counts.
  ///   - threshold: what the whole interval must reach for the criterion to hold.
  /// - Returns: `unsettled`, with the n that would settle it, where the interval holds the threshold.
  public static func atLeast(
    _ name: String, _ proportion: Proportion, threshold: Double
  ) -> Finding {
    let interval = proportion.wilson()
    if interval.lower >= threshold { return .holds }
    if interval.upper < threshold { return .fails }
    let needed = proportion.trialsToSettle(against: threshold).map { "n ≈ \($0) would settle it" }
    let bounds = "[\(rounded(interval.lower)), \(rounded(interval.upper))]"
    return .unsettled(
      "\(name) is \(proportion.successes)/\(proportion.trials), \(bounds) around the threshold "
        + "\(rounded(threshold)); \(needed ?? "no n would settle it at this rate")")
  }

  /// Whether an estimate is at least a threshold, as far as its interval supports saying so.
  public static func atLeast(_ name: String, _ estimate: Estimate, threshold: Double) -> Finding {
    if estimate.interval.lower >= threshold { return .holds }
    if estimate.interval.upper < threshold { return .fails }
    return .unsettled(around(threshold, name, estimate))
  }

  /// Whether an estimate is at most a threshold, as far as its interval supports saying so.
  public static func atMost(_ name: String, _ estimate: Estimate, threshold: Double) -> Finding {
    if estimate.interval.upper <= threshold { return .holds }
    if estimate.interval.lower > threshold { return .fails }
    return .unsettled(around(threshold, name, estimate))
  }

  private static func around(_ threshold: Double, _ name: String, _ estimate: Estimate) -> String {
    let bounds = "[\(rounded(estimate.interval.lower)), \(rounded(estimate.interval.upper))]"
    return "\(name) is \(rounded(estimate.value)), \(bounds) around the threshold "
      + "\(rounded(threshold)), n = \(estimate.count)"
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}

extension Verdict {
  /// The verdict that an experiment's criteria lead to together.
  ///
  /// One that fails refutes the claim; short of that, one that is unsettled leaves it open.
  public init(_ findings: [Finding]) {
    let open = findings.compactMap { finding -> String? in
      guard case .unsettled(let why) = finding else { return nil }
      return why
    }
    if findings.contains(.fails) {
      self = .refuted
    } else if findings.isEmpty {
      self = .inconclusive("nothing was judged")
    } else if open.isEmpty {
      self = .supported
    } else {
      self = .inconclusive(open.joined(separator: "; "))
    }
  }
}
