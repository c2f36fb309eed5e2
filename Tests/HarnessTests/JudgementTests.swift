import AISHarness
import Foundation
import Testing

/// Tests of findings and the verdicts that follow from them.
@Suite struct JudgementTests {
  private static let share = Interval(lower: 0.8, upper: 0.95)
  private static let estimate = Estimate(value: 0.9, interval: share, count: 200)

  private func named(_ name: String, _ finding: Finding) -> NamedFinding {
    NamedFinding(name, finding)
  }

  private func proportion(_ name: String, _ successes: Int, of trials: Int) -> NamedFinding {
    named(
      name,
      .atLeast(
        Proportion(successes: successes, trials: trials), threshold: 0.95, of: "prompts"))
  }

  @Test func ratesHoldFailOrStayOpenByTheirInterval() {
    #expect(proportion("x", 200, of: 200).finding.outcome == .holds)
    #expect(proportion("x", 100, of: 100).finding.outcome == .open, "116 would settle it")
    #expect(proportion("x", 50, of: 100).finding.outcome == .fails)
    let open = proportion("x", 97, of: 100).finding
    #expect(open.outcome == .open && open.measured == "97.0 % [91.5 %, 99.0 %]")
    #expect(open.sample == "100 prompts" && open.asked == "≥ 95.0 %")
    #expect(open.why.hasPrefix("n ≈ ") && open.why.hasSuffix("would settle it"))
    #expect(proportion("x", 0, of: 0).finding.outcome == .open)
  }

  @Test func estimatesHoldFailOrStayOpenByTheirInterval() {
    func atLeast(_ threshold: Double) -> Finding {
      .atLeast(Self.estimate, threshold: threshold, of: "pairs")
    }
    func atMost(_ threshold: Double) -> Finding {
      .atMost(Self.estimate, threshold: threshold, of: "pairs", unit: "nats")
    }
    // The anytime interval of 200 is more than half as wide again as the fixed one, and decides.
    #expect(abs(Self.estimate.anytime.lower - 0.743) < 1e-3)
    #expect(atLeast(0.7).outcome == .holds && atLeast(1).outcome == .fails)
    #expect(atLeast(0.8).outcome == .open && atLeast(0.96).outcome == .open)
    #expect(atMost(1).outcome == .holds && atMost(0.7).outcome == .fails)
    #expect(atMost(0.95).outcome == .open && atMost(0.79).outcome == .open)
    #expect(
      atMost(1).evidence
        == "0.900 nats [0.800, 0.950], anytime [0.743, 0.978], n = 200 pairs; asked: ≤ 1.000 nats")
  }

  /// Of twelve criteria that hold, the worst looks like a failure more often than one.
  @Test func aFailureMustSurviveTheNumberOfCriteria() {
    let failing = Finding(.fails, failure: 0.01)
    let held = Finding.met(true, measured: "1", asked: "1")
    func verdict(_ others: Int) -> Verdict {
      let findings =
        [named("worst", failing)] + (0..<others).map { named("other \($0)", held) }
      return Judgement(claim: "", findings.corrected).verdict
    }
    #expect(verdict(4) == .refuted)
    #expect(verdict(5).word == "inconclusive")
    let certain = Finding.met(false, measured: "1", asked: "2")
    let many = [named("worst", certain)] + (0..<50).map { named("other \($0)", held) }
    #expect(Judgement(claim: "", many.corrected).verdict == .refuted)
  }

  /// The p-value is the error at which the anytime interval just excludes the threshold.
  @Test func thePValueBelongsToTheAnytimeInterval() {
    let edge = Self.estimate.anytime.lower
    #expect(abs(Self.estimate.pValue(against: edge) - 0.05) < 1e-4)
    #expect(Self.estimate.pValue(against: 0.9) == 1)
    let shares = Proportion(successes: 50, trials: 100).estimate
    #expect(shares.pValue(against: 0.95) < 1e-10)
    #expect(abs(shares.mapped { 1 - $0 }.pValue(against: 0.05)) < 1e-10)
  }

  /// A criterion whose own conditions are not met neither holds nor fails.
  @Test func tooFewObservationsLeaveACriterionOpenHoweverClearItLooks() {
    let few = Estimate(value: 0.2, interval: Interval(lower: 0.1, upper: 0.3), count: 19)
    let finding = Finding.atLeast(few, threshold: 0.9, of: "prompts")
    #expect(finding.outcome == .open && finding.why == "19 prompts, at least 20 needed")
    #expect(Finding.atMost(few, threshold: 0.9, of: "prompts").outcome == .open)
    #expect(Finding.atLeast(few, threshold: 0.9, of: "prompts", fewest: 19).outcome == .fails)
    let met = Finding.met(false, measured: "3", asked: "≥ 4")
    #expect(met.outcome == .fails)
    #expect(met.needing(false, "too short a text").outcome == .open)
  }

  @Test func whatMustHoldOfAllIsCounted() {
    let some = Finding.all([true, false, true], of: "passes")
    #expect(some.outcome == .fails && some.measured == "2 of 3" && some.sample == "3 passes")
    #expect(Finding.all([true], of: "passes").outcome == .holds)
    #expect(Finding.all([], of: "passes").outcome == .open)
    #expect(Finding.somethingLeftOut([false, true], of: "prompts").outcome == .holds)
    #expect(Finding.somethingLeftOut([false, false], of: "prompts").outcome == .open)
  }

  @Test func aVerdictNamesTheCriteriaThatDecided() {
    let clear = proportion("agreement, qa", 40, of: 100)
    let near = proportion("agreement, chat", 80, of: 100)
    let fine = proportion("agreement, code", 1_000, of: 1_000)
    let open = proportion("agreement, list", 97, of: 100)
    let refuted = Judgement(claim: "", [fine, near, clear, open])
    #expect(refuted.verdict == .refuted)
    #expect(refuted.reason == "2 of 4 criteria fail; furthest off: \(clear.text)")
    #expect(
      Judgement(claim: "", [fine, near]).reason == "\(near.text) (1 of 2 criteria)")
    #expect(Judgement(claim: "", [near]).text == "refuted: \(near.text)")
    let held = Judgement(claim: "", [fine, proportion("agreement, qa", 990, of: 1_000)])
    #expect(held.verdict == .supported)
    #expect(held.reason.hasPrefix("both criteria hold; closest: agreement, qa: 99.0 % ["))
    let unsettled = Judgement(claim: "", [fine, open])
    #expect(unsettled.verdict == .inconclusive(open.text) && unsettled.reason == open.text)
    #expect(Judgement(claim: "", []).verdict == .inconclusive("nothing was judged"))
  }

  @Test func manyOpenCriteriaAreCountedInTheEnd() {
    let open = (1...5).map { proportion("part \($0)", 97, of: 100) }
    let reason = Judgement(claim: "", open).reason
    #expect(reason.contains("part 3") && !reason.contains("part 4"))
    #expect(reason.hasSuffix("and 2 more"))
  }

  /// A measured time decides only claims about time.
  @Test func claimsHaveVerdictsOfTheirOwn() throws {
    let card = ExperimentCard(
      id: "997", title: "Two claims", question: "Good and fast?",
      claims: [
        Claim("quality", "It is good.", [Criterion("near", "≥ 0.95")]),
        Claim("time", "It is fast.", [Criterion("overhead", "≤ 0.02")]),
      ], cost: "nothing")
    let slow = named(
      "overhead, decode",
      .atMost(
        Estimate(value: 0.03, interval: Interval(lower: 0.027, upper: 0.033), count: 160),
        threshold: 0.02, of: "pairs", show: .percent(1)))
    let judgements = card.judgements([proportion("near", 97, of: 100), slow])
    #expect(judgements.map(\.claim) == ["quality", "time"])
    #expect(judgements.map(\.verdict.word) == ["inconclusive", "refuted"])
    #expect(
      judgements[1].text
        == "refuted: overhead, decode: 3.0 % [2.7 %, 3.3 %], anytime [2.5 %, 3.5 %], n = 160 pairs; "
        + "asked: ≤ 2.0 %")
    #expect(card.text.contains("  claims   time: It is fast.\n  if       overhead: ≤ 0.02"))

    var result = FigureFixtures.result(variant: "")
    result.provenance.judgements = judgements
    result.provenance.verdict = judgements[0].verdict
    let folder = try ResultFolder()
    try ResultFile.write(result, to: folder.file)
    let read = try ResultFile.read(folder.file)
    #expect(read.provenance.judgements == judgements)
    let page = MarkdownReport.page(for: ResultCollection("exp099", [("exp099/a.h5", read)]))
    let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| model.gguf") })
    #expect(
      row.contains(
        "| quality **inconclusive**, time **refuted** | near: 97.0 % [91.5 %, 99.0 %]"))
    #expect(row.contains("; overhead, decode: 3.0 %"))
  }

  /// Files of an earlier layout gave intervals as plain numbers in the description.
  @Test func anIntervalStandsInTheUnitOfItsValue() throws {
    let folder = try ResultFolder()
    var result = FigureFixtures.result(variant: "")
    result.summary = [
      SummaryValue(
        "loss", -0.045, "routed less full, 95 % in [-0.1120, 0.0226] (paired)",
        show: .percent(2)),
      SummaryValue(
        "gain", 0.5, in: Interval(lower: 0.4, upper: 0.6), unit: "nats", "what it gains",
        show: .decimals(2)),
    ]
    try ResultFile.write(result, to: folder.file)
    let read = try ResultFile.read(folder.file)
    #expect(read.summary[0].interval == Interval(lower: -0.112, upper: 0.0226))
    #expect(read.summary[1] == result.summary[1])
    let page = MarkdownReport.page(for: ResultCollection("exp099", [("exp099/a.h5", read)]))
    #expect(page.contains("|   −4.50 % | [−11.20 %, 2.26 %] | routed less full (paired) |"))
    #expect(page.contains("| 0.50 nats |       [0.40, 0.60] | what it gains"))
  }

  /// Earlier wordings of a requirement, or another order, are the same criteria.
  @Test func aResultIsJudgedByItsCriteriaInWhateverWords() {
    let card = ExperimentCard(
      id: "997", title: "Words", question: "?", claim: "!",
      criteria: [
        Criterion("near", "at least 0.95", earlierWordings: ["≥ 0.95"]), Criterion("fast", "≤ 2 s"),
      ], cost: "nothing")
    #expect(card.hasCriteria(["near: at least 0.95", "fast: ≤ 2 s"]))
    #expect(card.hasCriteria(["fast: ≤ 2 s", "near: ≥ 0.95"]))
    #expect(!card.hasCriteria(["fast: ≤ 2 s", "near: ≥ 0.9"]))
    #expect(!card.hasCriteria(["near: ≥ 0.95"]))
    #expect(!card.hasCriteria(["near: ≥ 0.95", "fast: ≤ 2 s", "small: ≤ 1 GB"]))
  }
}
