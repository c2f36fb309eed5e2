import AISHarness
import AISKit

/// What the page says about the mechanism and its time.
struct SmokeReport {
  private let evidence: Evidence<Exp012.Row>

  init(_ evidence: Evidence<Exp012.Row>) { self.evidence = evidence }

  var report: Report {
    var report = Report()
    report.judge(findings)
    let savings = PassWorkload.Phase.allCases.compactMap { saving($0) }
    for saving in savings { summarize(saving, in: &report) }
    report.tabulate(
      "plans", "Each plan against the full one", evidence.rows.grouped(by: \.plan),
      [
        .cell("plan", "what was left out or blended", \.key),
        .cell("prompts", "prompts", \.rows.count),
        .estimate("top1_agreement", "the same most probable token", .percent(1)) {
          Proportion(of: $0.rows.map(\.topOneAgrees)).estimate
        },
        .estimate(
          "kl_base_skip", "mean KL(base‖skip) of the next token", .nats(4, within: 1e-3)
        ) { Bootstrap().mean(of: $0.rows.map(\.klBaseSkip)) },
      ])
    report.conclude(conclusion(savings))
    return report
  }

  private func rows(_ plan: String) -> [Exp012.Row] { evidence.rows.filter { $0.plan == plan } }

  private var findings: [NamedFinding] {
    let soft = Paired(
      baseline: rows(PlanTrial.hardThird).map(\.topOneAgrees),
      variant: rows(PlanTrial.softThird).map(\.topOneAgrees))
    let differing = Proportion(successes: soft.gained, trials: soft.gained + soft.lost)
    return [
      NamedFinding("reference", ReferenceTrial.finding(evidence)),
      NamedFinding(
        "identity", .all(rows(PlanTrial.alwaysRun).map(\.isIdentical), of: "prompts")),
      NamedFinding(
        "effect",
        .all(rows(PlanTrial.hardFirst).map { $0.largestDifference > 0.01 }, of: "prompts")),
      NamedFinding("soft", .atLeast(differing, threshold: 0.5, of: "prompts that differ")),
      NamedFinding(
        "concurrency", .all(evidence.rows.map(\.isUndisturbed), of: "prompts × plans")),
    ]
      + PassWorkload.Phase.allCases.map { phase in
        NamedFinding(
          "saving, \(phase.rawValue)",
          .timed(saving(phase)?.efficiency, atLeast: Exp012.efficiencyThreshold))
      }
  }

  private struct Saving {
    let phase: PassWorkload.Phase
    let comparison: TimingComparison
    /// Prefill is bound by arithmetic, decode by reading weights.
    let ideal: Double

    var efficiency: Estimate { comparison.efficiency(idealSpeedup: ideal) }
  }

  private func saving(_ phase: PassWorkload.Phase) -> Saving? {
    let name = phase.rawValue
    guard let comparison = evidence.comparison(name) else { return nil }
    let (full, left) = (
      evidence.work(name, isVariant: false), evidence.work(name, isVariant: true)
    )
    let ideal = phase == .prefill ? full.operations / left.operations : full.bytes / left.bytes
    return Saving(phase: phase, comparison: comparison, ideal: ideal)
  }

  private func summarize(_ saving: Saving, in report: inout Report) {
    let (name, comparison) = (saving.phase.rawValue, saving.comparison)
    report.summarize(
      "\(name)_full", comparison.baselineMilliseconds, "\(name): median time of the full model",
      .unchecked(unit: "ms"))
    report.summarize(
      "\(name)_ideal_speedup", saving.ideal, "\(name): full work over the work left", .exact(3))
    let size =
      "\(Workload.count(comparison.pairs.count, "pairs")) in "
      + Workload.count(comparison.processCount, "processes")
    report.summarize(
      "\(name)_speedup", comparison.speedup, "\(name): measured, \(size)", .unchecked(3))
    report.summarize(
      "\(name)_efficiency", saving.efficiency, "\(name): measured saving over ideal", .unchecked(3))
  }

  private func conclusion(_ savings: [Saving]) -> String {
    let times = savings.map {
      "\($0.efficiency.value.shown(.decimals(2))) (\($0.phase.rawValue))"
    }
    let kept = [PlanTrial.hardThird, PlanTrial.bestThird].map {
      Proportion(of: rows($0).map(\.topOneAgrees)).rate.shown(.percent(0))
    }
    return "A third left out saves \(times.joined(separator: ", ")) of its ideal time; it keeps "
      + "\(kept[0]) of next tokens, the best third \(kept[1])."
  }
}
