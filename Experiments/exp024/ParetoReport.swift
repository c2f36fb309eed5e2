import AISHarness
import AISKit
import Foundation

/// What the page says, computed from the rows alone.
struct ParetoReport {
  private static let bootstrap = Bootstrap(resamples: 1_000)

  private let evidence: Evidence<Exp024.Row>
  private let ways: [Way]
  private let best: Way?
  /// The hard skip of the same layers.
  private let hard: Way?
  /// The hard skip of as many layers that costs least.
  private let leastHard: Way?

  init(_ evidence: Evidence<Exp024.Row>) {
    self.evidence = evidence
    let points = evidence.rows(of: Point.self)
    let rows = Dictionary(grouping: evidence.rows, by: \.name)
    let answers = Dictionary(grouping: evidence.rows(of: AnswerRow.self), by: \.name)
    let ways = points.compactMap { point in
      rows[point.name].map { Way(point, $0, answers[point.name] ?? [], evidence) }
    }
    self.ways = ways
    let (bestName, hardName) = (Point.best(points)?.name, Point.hard(of: points)?.name)
    best = ways.first { $0.point.name == bestName }
    hard = ways.first { $0.point.name == hardName }
    let count = hard?.point.skipped.count ?? 0
    leastHard = ways.filter {
      $0.point.kind == .hard && $0.point.format == .f32 && $0.point.skipped.count == count
    }.min { $0.kl.value < $1.kl.value }
  }

  var report: Report {
    var report = Report()
    judge(&report)
    tabulateWays(&report)
    tabulateAnswers(&report)
    StudyTables(evidence, leastSaving: Exp024.saving).tabulate(in: &report)
    LensStudy.tabulate(evidence.rows(of: LensRow.self), in: &report)
    report.conclude(conclusion)
    return report
  }

  // MARK: verdicts

  private func judge(_ report: inout Report) {
    guard let best, let leastHard else {
      let missing = Finding.open("the ways were not all measured")
      for name in ["nearer than hard skip", "near", "as fast"] { report.judge(name, missing) }
      return
    }
    let other = Dictionary(
      leastHard.rows.map { ($0.prompt, $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = best.rows.compactMap { row in other[row.prompt].map { (row, $0) } }
    report.judge(
      "nearer than hard skip",
      .atMost(
        Way.bootstrap.ratio(pairs.map(\.0.kl), over: pairs.map(\.1.kl)),
        threshold: Exp024.klShare, of: "prompts, against \(leastHard.point.setting)"))
    report.judge(
      "near", .atLeast(best.topOne, threshold: Exp024.agreement, of: "prompts", show: .percent(1)))
    report.judge("as fast", .timed(savingShare, atLeast: Exp024.saving, show: .percent(1)))
    summarize(&report, best)
  }

  /// The prefill time that the best bridge saves, over that which the hard skip of the same layers
  /// saves.
  ///
  /// With f the full model's time and b the bridge's, both over the hard skip's:
  /// (f − b) / (f − 1). If the skip saves nothing, the share is 0.
  private var savingShare: Estimate? {
    guard let hard, let full = evidence.comparison(hard.point.timingName(.prefill)),
      let beside = evidence.comparison(Point.besideHard)
    else { return nil }
    return TimingComparison.figure(of: [full, beside]) { speedups in
      let (full, bridge) = (speedups[0], 1 / speedups[1])
      return full > 1 ? (full - bridge) / (full - 1) : 0
    }
  }

  private func summarize(_ report: inout Report, _ best: Way) {
    report.summarize("layers", best.point.layers, "the layers that the search leaves out")
    report.summarize(
      "best_form", best.point.kindText,
      "the form with the least KL over them on validation prompts")
    report.summarize("best_kl", best.kl, "its KL on test prompts", .nats())
    report.summarize("best_top1", best.topOne, "its top-1 agreement", .share)
    if let savingShare {
      report.summarize(
        "saving_share", savingShare,
        "its share of the time that a hard skip of the same layers saves in prefill",
        .uncheckedShare(digits: 1))
    }
    if let beside = evidence.comparison(Point.besideHard) {
      report.summarize(
        "best_over_hard", beside.speedup.mapped { 1 / $0 },
        "its time in prefill over that hard skip's", .unchecked(3))
    }
    if let full = hard?.prefill {
      report.summarize(
        "full_over_hard", full, "the full model's time in prefill over that hard skip's",
        .unchecked(3))
    }
  }

  private var conclusion: String {
    guard let best, let leastHard else { return "" }
    let isAsFast = savingShare.map { $0.anytime.lower >= Exp024.saving } ?? false
    let quality =
      "\(isAsFast ? "As fast, bridged" : "Bridged") layers \(best.point.layers) keep "
      + "\(best.topOne.value.shown(.percent(0))) of next tokens, best hard skip "
      + leastHard.topOne.value.shown(.percent(0))
    guard let pair = best.pairs(with: leastHard) else { return quality + "." }
    let (all, interval) = (pair.questions, pair.differenceEstimate.anytime)
    let verdict =
      interval.lower > 0 ? "a gain" : interval.upper < 0 ? "a loss" : "no sure gain"
    return quality + "; MMLU \(all.variant.rate.shown(.percent(1))) against "
      + "\(all.baseline.rate.shown(.percent(1))): \(verdict)."
  }

  // MARK: tables

  private func tabulateWays(_ report: inout Report) {
    report.tabulate("ways", "Quality and time", ways, Way.cells)
    QuantisedFront(ways, evidence).add(to: &report)
    Fronts(ways).draw(in: &report)
  }

  private func tabulateAnswers(_ report: inout Report) {
    let full = ways.first {
      $0.point.kind == .format && $0.point.setting == ComputeType.f32.rawValue
    }
    let compared = ways.flatMap { way in [full, leastHard].compactMap { $0.map { (way, $0) } } }
    let table = compared.compactMap { way, other in
      way.point.name == other.point.name
        ? nil
        : way.pairs(with: other).map { PairedAnswers(way.point.name, beside: other.point.name, $0) }
    }
    report.tabulate("answers", "MMLU: beside the full model, and beside the best hard skip", table)
    if let best, let leastHard, let pair = best.pairs(with: leastHard) {
      report.summarize(
        "mmlu_gain", pair.differenceEstimate,
        "MMLU accuracy of the best bridge less the best hard skip's", .share)
    }
  }
}
