import AISHarness
import AISKit
import Foundation

/// What the page says about a map, from its look-ups.
struct MapReport {
  private let evidence: Evidence<Exp014.Row>
  private let rows: [Exp014.Row]
  private let entries: [EntryRow]
  private let heldOut: [CentroidRow]
  private let own: [CentroidRow]
  private let lookUps: [QueryRow]

  init(_ evidence: Evidence<Exp014.Row>) {
    self.evidence = evidence
    rows = evidence.rows
    entries = evidence.rows(of: EntryRow.self)
    let centroids = evidence.rows(of: CentroidRow.self)
    heldOut = centroids.filter { $0.part != CentroidRow.ownEntries }
    own = centroids.filter { $0.part == CentroidRow.ownEntries }
    lookUps = evidence.rows(of: QueryRow.self)
  }

  var report: Report {
    var report = Report()
    report.judge(findings)
    report.conclude(conclusion)
    summarize(in: &report)
    tabulateCategories(in: &report)
    report.draw(
      .intervals(
        "retrieval", "Held-out prompts that the vote puts right", of: "categories", "vote",
        by: "category", yLabel: "right votes", reference: Exp014.accuracy,
        referenceLabel: "threshold"))
    tabulateConfidence(in: &report)
    report.draw(
      .intervals(
        "confidence", "Right votes by confidence", "right", by: "confidence",
        xLabel: "the vote's share", yLabel: "right votes"))
    tabulateLookUps(in: &report)
    return report
  }

  // MARK: - Estimates

  private var vote: Proportion { Proportion(of: rows.map(\.isRight)) }

  private var sure: Proportion { votes { $0 >= Exp014.sure } }
  private var unsure: Proportion { votes { $0 < Exp014.sure } }

  private func votes(where holds: (Double) -> Bool) -> Proportion {
    Proportion(of: rows.filter { holds($0.confidence) }.map(\.isRight))
  }

  /// The ten entries nearest to a centroid are alike, so centroids are counted.
  private func recall(_ centroids: [CentroidRow]) -> Estimate {
    Bootstrap().ratio(
      centroids.map { Double($0.found) }, over: centroids.map { Double($0.nearest) })
  }

  /// The neighbours of a query are found together or not, so queries are counted.
  private func recall(_ queries: [QueryRow]) -> Estimate {
    Estimate(
      meanOf: queries.filter { $0.wanted > 0 }.map { Double($0.found) / Double($0.wanted) },
      in: 0...1)
  }

  private var approximate: [QueryRow] {
    lookUps.filter { $0.isSynthetic && $0.index == "approximate" }
  }

  // MARK: - Verdict

  private var findings: [NamedFinding] {
    [
      NamedFinding("itself", .all(entries.map(\.isFound), of: "entries")),
      NamedFinding(
        "centroids",
        heldOut.isEmpty
          ? .open("no centroids were measured")
          : .atLeast(
            recall(heldOut), threshold: Exp014.recall, of: "centroids", show: .percent(1))),
      NamedFinding("vote", .atLeast(vote, threshold: Exp014.accuracy, of: "prompts")),
      NamedFinding("confidence", confidence),
      NamedFinding(
        "round trip",
        .all(evidence.number("round_trip_identical").map { [$0 == 1] } ?? [], of: "maps")),
      NamedFinding(
        "approximate",
        approximate.isEmpty
          ? .open("no look-ups in a larger map were measured")
          : .atLeast(
            recall(approximate), threshold: Exp014.keptNeighbors, of: "queries",
            show: .percent(1))),
    ]
  }

  /// Whether confident votes are right more often than others, by intervals valid at every look.
  private var confidence: Finding {
    func text(_ proportion: Proportion) -> String {
      proportion.rate.shown(.percent(1)) + " "
        + NumberFormat.text(proportion.estimate.anytime, .percent(1))
    }
    let (above, below) = (sure.estimate.anytime, unsure.estimate.anytime)
    let measured = "\(text(sure)) at or above \(Exp014.sure), \(text(unsure)) below"
    if above.lower <= below.upper, above.upper >= below.lower {
      return .open("the intervals overlap", measured: measured)
    }
    return .met(
      above.lower > below.upper, measured: measured, asked: "more often right above",
      sample: "\(sure.trials) and \(unsure.trials) prompts")
  }

  private var conclusion: String {
    guard vote.trials > 0 else { return "" }
    let confident =
      sure.trials > 0
      ? ", \(sure.rate.shown(.percent(1))) where its confidence is at least \(Exp014.sure)" : ""
    return "The map's vote is right for \(vote.rate.shown(.percent(1))) of held-out prompts "
      + "(\(Exp014.accuracy.shown(.percent(0))) asked)\(confident)."
  }

  // MARK: - Figures and tables

  private func summarize(in report: inout Report) {
    report.summarize("entries", entries.count, "entries of the map")
    report.summarize(
      "self_retrieval", Proportion(of: entries.map(\.isFound)).rate,
      "entries whose nearest neighbour is themselves or a probe equal to theirs", .percent(2))
    report.summarize(
      "held_out_centroid_recall", recall(heldOut),
      "of the 10 entries nearest to a centroid of held-out prompts, those of its category; "
        + "\(heldOut.count) centroids", .share(within: 0.05))
    if let count = approximate.first?.entries {
      report.summarize(
        "approximate_recall", recall(approximate),
        "of the exact neighbours among \(count) entries, those that the approximate index finds",
        .share(within: 0.05))
    }
  }

  private func tabulateCategories(in report: inout Report) {
    let within = ValueStyle.share(within: 0.11, digits: 0)
    report.tabulate(
      "categories", "By category", Set(rows.map(\.category) + entries.map(\.category)).sorted(),
      [
        .cell("category", "the category") { $0 },
        .cell("entries", "its entries in the map") { category in
          entries.count { $0.category == category }
        },
        .cell(
          "in_sample_recall",
          "of the 10 entries nearest to the centroid of its own entries, those of the category",
          within
        ) { category in recall(own.filter { $0.category == category }).value },
        .cell(
          "held_out_recall", "the same of centroids of held-out prompts, mean of five", within
        ) { category in recall(heldOut.filter { $0.category == category }).value },
        .estimate("vote", "held-out prompts whose vote is right", .share) { category in
          Proportion(of: rows.filter { $0.category == category }.map(\.isRight)).estimate
        },
      ])
  }

  private func tabulateConfidence(in report: inout Report) {
    let edges = [0, 0.25, 0.5, 0.75, 0.9, 1.000001]
    let ranges = zip(edges, edges.dropFirst()).map { low, high in
      RowGroup(
        String(format: "%.2f–%.2f", low, min(high, 1)),
        rows.filter { $0.confidence >= low && $0.confidence < high })
    }
    report.tabulate(
      "confidence", "Right votes by confidence", ranges.filter { !$0.rows.isEmpty },
      [
        .cell("confidence", "the vote's share", \.key),
        .cell("prompts", "held-out prompts", \.rows.count),
        .estimate("right", "votes that are right", .share(within: 0.03)) {
          Proportion(of: $0.rows.map(\.isRight)).estimate
        },
      ])
  }

  private func tabulateLookUps(in report: inout Report) {
    let groups = [false, true].flatMap { isSynthetic in
      ["exact", "approximate"].map { index in
        lookUps.filter { $0.isSynthetic == isSynthetic && $0.index == index }
      }
    }
    report.tabulate(
      "latency", "Look-ups", groups.filter { !$0.isEmpty },
      [
        .cell("index", QueryRow.indexMeaning, \.[0].index),
        .cell("entries", "vectors in the index", \.[0].entries),
        .cell(
          "median", "median of single look-ups, 10 neighbours", .unchecked(0, unit: "µs")
        ) { Bootstrap.median($0.map(\.microseconds)) },
        .cell("p95", "95 % are faster", .unchecked(0, unit: "µs")) {
          $0.map(\.microseconds).sorted()[min($0.count * 95 / 100, $0.count - 1)]
        },
        .estimate(
          "recall_at_10", "of the exact index's 10 neighbours, those found", .share(within: 0.05),
          recall),
        .cell("build", "time to build the index", .unchecked(1, unit: "s")) {
          let name = LookUpTrial.building($0[0].index, entries: $0[0].entries)
          return Bootstrap.median(evidence.timings[name] ?? [])
        },
      ])
  }
}
