/// What the rows say about one claim of an experiment, and which criteria decided it.
public struct Judgement: Sendable, Equatable, Codable {
  /// The claim's name; empty if it is the experiment's only claim.
  public let claim: String
  /// What the rows say about it.
  public let verdict: Verdict
  /// The criteria that decided, with number, interval and n; empty in files without reasons.
  public let reason: String

  /// A judgement from its parts.
  public init(claim: String, verdict: Verdict, reason: String) {
    self.claim = claim
    self.verdict = verdict
    self.reason = reason
  }

  /// The verdict on a claim from its findings.
  ///
  /// A failing finding refutes the claim; otherwise an open one leaves it inconclusive.
  public init(claim: String, _ findings: [NamedFinding]) {
    let failing = findings.filter { $0.finding.outcome == .fails }
    let open = findings.filter { $0.finding.outcome == .open }
    let (verdict, reason): (Verdict, String)
    if !failing.isEmpty {
      verdict = .refuted
      reason = Self.deciding(failing, of: findings.count, "fail", "furthest off", farthest: true)
    } else if !open.isEmpty {
      reason = Self.open(open)
      verdict = .inconclusive(reason)
    } else if findings.isEmpty {
      reason = "nothing was judged"
      verdict = .inconclusive(reason)
    } else {
      verdict = .supported
      reason = Self.deciding(findings, of: findings.count, "hold", "closest", farthest: false)
    }
    self.init(claim: claim, verdict: verdict, reason: reason)
  }

  /// The judgement in one line, without the claim's name: `refuted: overhead: 3.04 % …`.
  public var text: String { reason.isEmpty ? verdict.word : "\(verdict.word): \(reason)" }

  /// How many criteria decided, and the most telling one: among failing ones the furthest from its
  /// threshold, among holding ones the closest to it.
  private static func deciding(
    _ deciding: [NamedFinding], of count: Int, _ verb: String, _ which: String, farthest: Bool
  ) -> String {
    let ranked = deciding.filter { $0.finding.margin != nil }
    let telling =
      farthest
      ? ranked.max { ($0.finding.margin ?? 0) < ($1.finding.margin ?? 0) }
      : ranked.min { ($0.finding.margin ?? 0) < ($1.finding.margin ?? 0) }
    guard let chosen = telling ?? deciding.first else { return "" }
    if count == 1 { return chosen.text }
    if deciding.count == 1 { return "\(chosen.text) (1 of \(count) criteria)" }
    let isAll = deciding.count == count
    let number = isAll ? (count == 2 ? "both" : "all \(count)") : "\(deciding.count) of \(count)"
    return "\(number) criteria \(verb); \(which): \(chosen.text)"
  }

  private static func open(_ open: [NamedFinding]) -> String {
    let shown = open.prefix(3).map(\.text)
    let more = open.count - shown.count
    return (shown + (more > 0 ? ["and \(more) more"] : [])).joined(separator: " · ")
  }
}

extension Provenance {
  /// The judgements that a page shows: the file's, or only its verdict in an earlier layout; none
  /// before the result was judged.
  var shownJudgements: [Judgement] {
    if let judgements { return judgements }
    guard let verdict else { return [] }
    var reason = ""
    if case .inconclusive(let why) = verdict { reason = why }
    return [Judgement(claim: "", verdict: verdict, reason: reason)]
  }
}
