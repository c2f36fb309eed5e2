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
    report.tabulate(DerivedTable("categories", title: "By category", rows: byCategory))
    report.draw(
      Figure(
        name: "retrieval", title: "Held-out prompts that the vote puts right", table: "categories",
        kind: .intervals(
          category: "category", value: "vote", lower: "vote_lower", upper: "vote_upper",
          series: nil),
        yLabel: "right votes", reference: Exp014.accuracy, referenceLabel: "threshold"))
    report.tabulate(
      DerivedTable("confidence", title: "Right votes by confidence", rows: byConfidence))
    report.draw(
      Figure(
        name: "confidence", title: "Right votes by confidence", table: "confidence",
        kind: .intervals(
          category: "confidence", value: "right", lower: "right_lower", upper: "right_upper",
          series: nil),
        xLabel: "the vote's share", yLabel: "right votes"))
    report.tabulate(DerivedTable("latency", title: "Look-ups", rows: latencies))
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
      NumberFormat.text(proportion.rate, .percent(1), unit: "") + " "
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
    func percent(_ proportion: Proportion) -> String {
      NumberFormat.text(proportion.rate, .percent(1), unit: "")
    }
    let asked = NumberFormat.text(Exp014.accuracy, .percent(0), unit: "")
    let confident =
      sure.trials > 0 ? ", \(percent(sure)) where its confidence is at least \(Exp014.sure)" : ""
    return "The map's vote is right for \(percent(vote)) of held-out prompts (\(asked) asked)"
      + "\(confident)."
  }

  // MARK: - Figures and tables

  private func summarize(in report: inout Report) {
    report.summarize(SummaryValue("entries", entries.count, "entries of the map"))
    report.summarize(
      SummaryValue(
        "self_retrieval", Proportion(of: entries.map(\.isFound)).rate,
        "entries whose nearest neighbour is themselves or a probe equal to theirs",
        show: .percent(2)))
    report.summarize(
      "held_out_centroid_recall", recall(heldOut),
      "of the 10 entries nearest to a centroid of held-out prompts, those of its category; "
        + "\(heldOut.count) centroids", compare: .absolute(0.05), show: .percent(1))
    if let count = approximate.first?.entries {
      report.summarize(
        "approximate_recall", recall(approximate),
        "of the exact neighbours among \(count) entries, those that the approximate index finds",
        compare: .absolute(0.05), show: .percent(1))
    }
  }

  private var byCategory: [CategoryRow] {
    Set(rows.map(\.category) + entries.map(\.category)).sorted().map { category in
      var row = CategoryRow()
      row.category = category
      row.entries = entries.count { $0.category == category }
      row.inSample = recall(own.filter { $0.category == category }).value
      row.heldOut = recall(heldOut.filter { $0.category == category }).value
      row.vote = EstimateCells(
        Proportion(of: rows.filter { $0.category == category }.map(\.isRight)).estimate)
      return row
    }
  }

  private var byConfidence: [ConfidenceRow] {
    let edges = [0, 0.25, 0.5, 0.75, 0.9, 1.000001]
    return zip(edges, edges.dropFirst()).compactMap { low, high in
      let members = rows.filter { $0.confidence >= low && $0.confidence < high }
      if members.isEmpty { return nil }
      return ConfidenceRow(
        confidence: String(format: "%.2f–%.2f", low, min(high, 1)), prompts: members.count,
        right: EstimateCells(Proportion(of: members.map(\.isRight)).estimate))
    }
  }

  private var latencies: [LatencyRow] {
    [false, true].flatMap { isSynthetic in
      ["exact", "approximate"].compactMap { index in
        let queries = lookUps.filter { $0.isSynthetic == isSynthetic && $0.index == index }
        guard let entries = queries.first?.entries else { return nil }
        let times = queries.map(\.microseconds).sorted()
        let building =
          evidence.timings[LookUpTrial.building(index, entries: entries)] ?? []
        return LatencyRow(
          index: index, entries: entries, medianMicroseconds: Bootstrap.median(times),
          slowMicroseconds: times[min(times.count * 95 / 100, times.count - 1)],
          recall: EstimateCells(recall(queries)), buildSeconds: Bootstrap.median(building))
      }
    }
  }
}
