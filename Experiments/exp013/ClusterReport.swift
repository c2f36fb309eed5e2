import AISHarness
import AISKit

/// What the page says about how well categories separate, from each prompt's neighbours.
struct ClusterReport {
  private let evidence: Evidence<Exp013.Row>
  private let map: [MapPromptRow]
  private let heldOut: [HeldOutRow]
  private let categories: [String]
  private let homogeneity: Estimate
  private let silhouette: Estimate
  private let accuracy: Proportion

  init(_ evidence: Evidence<Exp013.Row>) {
    self.evidence = evidence
    map = evidence.rows(of: MapPromptRow.self)
    heldOut = evidence.rows(of: HeldOutRow.self)
    categories = Set(map.map(\.category) + heldOut.map(\.category)).sorted()
    homogeneity = Bootstrap(resamples: 1_000).mean(of: map.map(\.sameCategory))
    silhouette = Bootstrap(resamples: 1_000).mean(of: map.map(\.silhouette))
    accuracy = Proportion(of: heldOut.map(\.isRight))
  }

  var report: Report {
    var report = Report()
    report.judge(findings)
    report.conclude(conclusion)
    summarizeReading(in: &report)
    summarize(in: &report)
    report.tabulate(DerivedTable("separation", title: "By category", rows: separation))
    report.tabulate(DerivedTable("confusion", title: "Taken for", rows: confusion, isShown: false))
    report.tabulate(DerivedTable("picture", title: "The map's prompts", rows: map, isShown: false))
    if !map.isEmpty {
      report.draw(
        Figure(
          name: "map", title: "Prompts at the pivot layer (UMAP)", table: "picture",
          kind: .scatter(x: "x", y: "y", group: "category")))
    }
    if !heldOut.isEmpty {
      report.draw(
        Figure(
          name: "confusion", title: "What held-out prompts are taken for", table: "confusion",
          kind: .heatmap(x: "vote", y: "category", value: "share"),
          xLabel: "neighbours' vote", yLabel: "own category"))
    }
    return report
  }

  private var findings: [NamedFinding] {
    func mean(_ estimate: Estimate, _ threshold: Double, _ presentation: Presentation) -> Finding {
      map.isEmpty
        ? .open("no prompts were measured")
        : .atLeast(estimate, threshold: threshold, of: "prompts", show: presentation)
    }
    return [
      NamedFinding("held out", .atLeast(accuracy, threshold: Exp013.accuracy, of: "prompts")),
      NamedFinding("homogeneity", mean(homogeneity, Exp013.homogeneity, .decimals(3))),
      NamedFinding("silhouette", mean(silhouette, Exp013.silhouette, .decimals(4))),
    ]
  }

  private var conclusion: String {
    guard accuracy.trials > 0 else { return "" }
    func percent(_ share: Double, _ digits: Int = 1) -> String {
      NumberFormat.text(share, .percent(digits), unit: "")
    }
    return "Neighbours tell the category of \(percent(accuracy.rate)) of held-out prompts "
      + "(\(percent(Exp013.accuracy, 0)) asked; always the most frequent: \(percent(majority)))."
  }

  // MARK: - Figures

  private func summarizeReading(in report: inout Report) {
    // Probes that were on disk already were not timed.
    let windows = evidence.timings["window"] ?? []
    let timed = min(windows.count * CorpusProbes.window, evidence.rows.count)
    let seconds = windows.reduce(0, +)
    let tokens = evidence.rows.reduce(0) { $0 + $1.tokens }
    report.summarize(
      SummaryValue(
        "reading_time", seconds, unit: "s",
        "reading \(timed) prompts through the pivot; all have \(tokens) tokens",
        compare: .ignored, show: .decimals(1)))
    report.summarize(
      SummaryValue(
        "prompts_per_second", Double(timed) / seconds, "prompts read a second",
        compare: .ignored, show: .decimals(1)))
  }

  private func summarize(in report: inout Report) {
    report.summarize(
      "homogeneity", homogeneity,
      "neighbours of the same category, leave-one-out; by chance "
        + NumberFormat.text(chance, .decimals(3), unit: ""),
      compare: .absolute(0.01), show: .decimals(4))
    report.summarize(
      "silhouette", silhouette, "mean silhouette of the map's prompts", compare: .absolute(0.01),
      show: .decimals(4))
    report.summarize(
      "held_out_accuracy", accuracy.estimate,
      "k-NN accuracy, n = \(accuracy.trials), always the most frequent: "
        + NumberFormat.text(majority, .percent(1), unit: ""),
      compare: .absolute(0.02), show: .percent(1))
    report.summarize(
      "held_out_accuracy_centred", Proportion(of: heldOut.map(\.isRightCentred)).estimate,
      "the same with the map's mean probe taken off", compare: .absolute(0.02), show: .percent(1))
  }

  private func count(_ category: String) -> Int { map.count { $0.category == category } }

  /// The expected share of neighbours of the same category if they were drawn at random.
  private var chance: Double {
    let same = categories.map { Double(count($0) * (count($0) - 1)) }.reduce(0, +)
    return same / Double(max(map.count * (map.count - 1), 1))
  }

  /// The accuracy of always voting for the map's most frequent category.
  private var majority: Double {
    let most = categories.min { (count($1), $0) < (count($0), $1) }
    return Proportion(of: heldOut.map { $0.category == most }).rate
  }

  // MARK: - Tables

  private var separation: [SeparationRow] {
    categories.map { category in
      let members = map.filter { $0.category == category }
      let asked = heldOut.filter { $0.category == category }
      var row = SeparationRow()
      row.category = category
      row.prompts = members.count
      row.chance = Double(members.count) / Double(map.count)
      row.homogeneity = Bootstrap.mean(members.map(\.sameCategory))
      row.silhouette = Bootstrap.mean(members.map(\.silhouette))
      row.heldOut = asked.count
      row.recall = EstimateCells(Proportion(of: asked.map(\.isRight)).estimate)
      return row
    }
  }

  private var confusion: [ConfusionRow] {
    categories.flatMap { category in
      let asked = heldOut.filter { $0.category == category }
      return categories.map { vote in
        ConfusionRow(
          category: category, vote: vote,
          share: Proportion(of: asked.map { $0.vote == vote }).rate)
      }
    }
  }
}
