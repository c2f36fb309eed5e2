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
    report.tabulate(DerivedTable("plans", title: "Each plan against the full one", rows: plans))
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
          saving(phase).map {
            .atLeast(
              $0.efficiency, threshold: Exp012.efficiencyThreshold, of: "processes",
              fewest: Finding.fewestProcesses)
          } ?? .open("nothing was timed"))
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
      SummaryValue(
        "\(name)_full", comparison.baselineMilliseconds, unit: "ms",
        "\(name): median time of the full model", compare: .ignored, show: .decimals(2)))
    report.summarize(
      SummaryValue(
        "\(name)_ideal_speedup", saving.ideal, "\(name): full work over the work left",
        show: .decimals(3)))
    let size =
      "\(Workload.count(comparison.pairs.count, "pairs")) in "
      + Workload.count(comparison.processCount, "processes")
    report.summarize(
      "\(name)_speedup", comparison.speedup, "\(name): measured, \(size)", compare: .ignored,
      show: .decimals(3))
    report.summarize(
      "\(name)_efficiency", saving.efficiency, "\(name): measured saving over ideal",
      compare: .ignored, show: .decimals(3))
  }

  private func conclusion(_ savings: [Saving]) -> String {
    let times = savings.map {
      "\(NumberFormat.text($0.efficiency.value, .decimals(2), unit: "")) (\($0.phase.rawValue))"
    }
    let kept = [PlanTrial.hardThird, PlanTrial.bestThird].map {
      NumberFormat.text(Proportion(of: rows($0).map(\.topOneAgrees)).rate, .percent(0), unit: "")
    }
    return "A third left out saves \(times.joined(separator: ", ")) of its ideal time; it keeps "
      + "\(kept[0]) of next tokens, the best third \(kept[1])."
  }

  private var plans: [PlanRow] {
    var names: [String] = []
    for row in evidence.rows where !names.contains(row.plan) { names.append(row.plan) }
    return names.map { name in
      var row = PlanRow()
      row.plan = name
      row.prompts = rows(name).count
      row.topOne = EstimateCells(Proportion(of: rows(name).map(\.topOneAgrees)).estimate)
      row.kl = EstimateCells(Bootstrap().mean(of: rows(name).map(\.klBaseSkip)))
      return row
    }
  }
}

/// A plan's agreement with the full model.
struct PlanRow: ResultRow {
  var plan = ""
  var prompts = 0
  var topOne = EstimateCells()
  var kl = EstimateCells()

  static let columns = Column<PlanRow>.list(
    [
      Column("plan", \.plan, "what was left out or blended"),
      Column("prompts", \.prompts, "prompts"),
    ],
    Column.estimate(
      "top1_agreement", \.topOne, "the same most probable token", show: .percent(1)),
    Column.estimate(
      "kl_base_skip", \.kl, unit: "nats", "mean KL(base‖skip) of the next token",
      compare: .absolute(1e-3), show: .decimals(4)))
}
